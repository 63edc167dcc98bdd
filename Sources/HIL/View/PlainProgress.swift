import Foundation
import Synchronization
import TerminalText

/// A line for what begins and one for what ends, for files and CI servers.
final class PlainProgress: ProgressFollower {
    private struct State {
        var planned = 0
        var ended = 0
    }

    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameter write: Takes lines, each with its end.
    init(write: @escaping @Sendable (String) -> Void = PlainProgress.writeToStandardOutput) {
        self.write = write
    }

    func on(_ progress: RunProgress) {
        state.withLock { state in
            let lines = Self.lines(progress, &state)
            guard !lines.isEmpty else { return }
            write(lines.map { $0 + "\n" }.joined())
        }
    }

    private static func lines(_ progress: RunProgress, _ state: inout State) -> [String] {
        switch progress {
        case .planned(let names):
            state.planned = names.count
            return ["\(names.count) \(names.count == 1 ? "case" : "cases")"]
        case .started(let name, let attempt):
            return ["begins  \(name.printable)" + (attempt > 1 ? ", attempt \(attempt)" : "")]
        case .ended(let name, let verdict, let reason, let duration):
            state.ended += 1
            let time = verdict == .skipped ? "" : VerdictText.time(duration) + ", "
            let why = verdict == .passed ? "" : reason.map { ": \($0.printable)" } ?? ""
            return [
                "\(verdict.word)  \(name.printable) (\(time)\(state.ended) of \(state.planned))\(why)"
            ]
        case .finished(let run):
            return [""] + RunTable(run: run).lines
        case .step, .entry, .asks, .answered:
            return []
        }
    }

    /// A line that nobody reads is dropped: no output is worth the run.
    static let writeToStandardOutput: @Sendable (String) -> Void = { text in
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
