import Foundation
import UnitProtocol

/// What all parts of one attempt at a case share.
struct Bench: Sendable {
    let journal: Journal
    /// When the run began.
    let origin: ContinuousClock.Instant
    /// This very command, of which hub, base, simulated units and boards are processes.
    let iot: URL
    /// For what the parts keep; gone after the attempt.
    let state: URL
    let addresses: AddressPool
    let prompt: any Prompt

    var now: Duration { ContinuousClock.now - origin }

    func tell(_ kind: EventSource.Kind, _ name: String, _ text: String, _ weight: JournalEntry.Weight = .line) {
        journal.append(EventSource(kind: kind, name: name), weight, text)
    }

    /// Tells that lines were dropped before anybody has heard them.
    func lose(_ count: Int, of lines: Heard<String>, _ kind: EventSource.Kind, _ name: String) {
        lines.lose(count)
        tell(kind, name, "\(count) lines were lost here: they came too fast", .warning)
    }
}

/// Asks a person to do something by hand.
protocol Prompt: Sendable {
    /// - Throws: ``HILError/infrastructure(_:)`` where nobody can be asked.
    func ask(_ what: String) async throws
}
