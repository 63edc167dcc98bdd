import Foundation
import Logging
import Synchronization

/// Where the events of a command become lines: all its loggers share one.
public final class EventLog: Sendable {
    private struct State {
        var window: RepeatWindow
        /// What was told of those whose repeats are counted.
        var told: [RepeatWindow.Key: (part: String, level: Logger.Level)] = [:]
    }

    private let format: LogFormat
    private let hasPriorities: Bool
    private let state: Mutex<State>
    private let now: @Sendable () -> Duration
    private let time: @Sendable () -> Date
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - hasPriorities: Whether each line begins with its priority, as the journal takes it.
    ///   - window: For so long the same warning or error of the same unit is only counted; zero: never.
    ///   - now: Counts from any fixed moment and never jumps.
    ///   - write: Where finished lines go; each ends with a line feed.
    init(
        format: LogFormat = .text, hasPriorities: Bool = false, window: Duration = .zero,
        now: @escaping @Sendable () -> Duration = EventLog.sinceStart,
        time: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable (String) -> Void = EventLogHandler.writeToStandardError
    ) {
        self.format = format
        self.hasPriorities = hasPriorities
        self.now = now
        self.time = time
        self.write = write
        state = Mutex(State(window: RepeatWindow(length: window)))
    }

    func take(_ part: String, _ level: Logger.Level, _ name: String, _ fields: [(key: String, value: String)]) {
        tellEnded()
        guard level >= .warning else { return tell(part, level, name, fields) }
        func field(_ key: String) -> String? { fields.first { $0.key == key }?.value }
        let key = RepeatWindow.Key(event: name, unit: field("unit"), why: field("why"))
        let moment = now()
        let verdict = state.withLock { state in
            let verdict = state.window.take(key, at: moment)
            if case .countUntil = verdict { state.told[key] = (part, level) }
            return verdict
        }
        switch verdict {
        case .tell: tell(part, level, name, fields)
        case .count: break
        case .countUntil(let end):
            // Somebody has to tell it though nothing else happens.
            Task { [weak self] in
                try? await Task.sleep(for: end - moment)
                self?.tellEnded()
            }
        }
    }

    /// Tells what was counted and not told yet; for the end of a command.
    public func finish() {
        tell(state.withLock { $0.window.end() })
    }

    func tellEnded() {
        let moment = now()
        tell(state.withLock { $0.window.ended(at: moment) })
    }

    private func tell(_ counts: [RepeatWindow.Key: Int]) {
        for (key, count) in counts.sorted(by: { ($0.key.event, $0.key.unit ?? "") < ($1.key.event, $1.key.unit ?? "") })
        {
            guard let (part, level) = state.withLock({ $0.told.removeValue(forKey: key) }) else { continue }
            let fields = [("repeated", "\(count)"), ("unit", key.unit), ("why", key.why)]
            tell(part, level, key.event, fields.compactMap { name, value in value.map { (name, $0) } })
        }
    }

    private func tell(_ part: String, _ level: Logger.Level, _ name: String, _ fields: [(key: String, value: String)]) {
        let event = LogFormat.Event(
            time: EventLogHandler.timestamp(time()), level: level, part: part, name: name, fields: fields)
        write((hasPriorities ? JournalStream.prefix(level) : "") + format.line(event) + "\n")
    }

    private static let begin = ContinuousClock.now
    private static let sinceStart: @Sendable () -> Duration = { ContinuousClock.now - begin }
}
