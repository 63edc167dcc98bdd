import Dispatch
import Foundation
import Glibc
import Synchronization

/// The terminal's other screen: what stood on the terminal is there again when it is left, or while the process is stopped.
///
/// Nothing is painted while another process has the terminal.
final class Screen: Sendable {
    private static let signals = DispatchQueue(label: "screen")

    private struct State {
        var isEntered = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    /// Set once, cancelled once; libdispatch takes both from any thread.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    init() {
        sources = [SIGTSTP, SIGQUIT].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: Self.signals)
        }
        for (number, source) in zip([SIGTSTP, SIGQUIT], sources) {
            source.setEventHandler { [weak self] in self?.give(way: number) }
            source.resume()
        }
    }

    /// Paints lines over what was painted before.
    func paint(_ lines: [String]) {
        state.withLock { state in
            guard !state.hasEnded, tcgetpgrp(STDOUT_FILENO) == getpgrp() else { return }
            if !state.isEntered { Self.write("\u{1B}[?1049h\u{1B}[?25l") }
            state.isEntered = true
            Self.write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
        }
    }

    /// Leaves the screen for good.
    func end() {
        for source in sources { source.cancel() }
        state.withLock { state in
            state.hasEnded = true
            Self.leave(&state)
        }
    }

    private static func leave(_ state: inout State) {
        guard state.isEntered else { return }
        state.isEntered = false
        write("\u{1B}[?25h\u{1B}[?1049l")
    }

    /// Stops or ends the process as the signal would have. It holds the lock meanwhile: nothing is painted before it goes on.
    private func give(way number: Int32) {
        state.withLock { state in
            Self.leave(&state)
            guard number == SIGTSTP else {
                state.hasEnded = true
                signal(number, SIG_DFL)
                // To the process: this thread has it blocked.
                kill(getpid(), number)
                return
            }
            // To this thread: a signal to the process might find another one, and this one would go on for a moment.
            pthread_kill(pthread_self(), SIGSTOP)
        }
    }

    private static func write(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }
}
