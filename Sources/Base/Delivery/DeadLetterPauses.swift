/// Which of the dead letters that somebody wants to have tried again are tried next: a value without I/O.
///
/// Each rests after a failure for longer and longer, and those that have failed less often go first, so that none that is
/// refused again and again holds up the others.
struct DeadLetterPauses {
    private struct Pause {
        var backoff = Backoff(minimum: .seconds(5), maximum: DeliverySchedule.backoff.maximum)
        var until = Duration.zero
    }

    private var pauses: [OutboxKey: Pause] = [:]

    /// Those that do not rest, in the order in which they are to be tried.
    ///
    /// - Parameter letters: All that are to be tried; others are forgotten.
    mutating func due(_ letters: [DeadLetter], at now: Duration) -> [DeadLetter] {
        let keys = Set(letters.map(\.record.key))
        pauses = pauses.filter { keys.contains($0.key) }
        let due = letters.filter { pauses[$0.record.key].map { $0.until <= now } ?? true }
        return due.enumerated()
            .map { (letter: $1, rank: (pauses[$1.record.key]?.backoff.attempts ?? 0, $0)) }
            .sorted { $0.rank < $1.rank }
            .map(\.letter)
    }

    /// - Parameters:
    ///   - after: How long the dashboard wants to be left alone besides.
    ///   - fraction: A random number from 0 to 1.
    mutating func failed(_ letter: DeadLetter, after: Duration?, at now: Duration, fraction: Double) {
        var pause = pauses[letter.record.key] ?? Pause()
        pause.until = now + (after ?? .zero) + pause.backoff.next(fraction: fraction)
        pauses[letter.record.key] = pause
    }
}
