import Foundation
import Synchronization
import TerminalText

/// A bar a board on a terminal, redrawn in place; what stays goes above the bars.
final class TerminalReporter: Reporter {
    private struct State {
        var bars: [String: (line: ProgressLine, began: ContinuousClock.Instant)] = [:]
        /// How many lines of bars stand on the terminal.
        var drawn = 0
        var lastDrawn = ContinuousClock.now
    }

    private let ports: [String]
    private let columns: @Sendable () -> Int
    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())
    private static let pause = Duration.milliseconds(100)

    /// - Parameters:
    ///   - columns: How wide the terminal is now.
    ///   - write: Gives text to the terminal.
    init(
        ports: [String], columns: @escaping @Sendable () -> Int = TerminalReporter.width,
        write: @escaping @Sendable (String) -> Void = { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) }
    ) {
        self.ports = ports
        self.columns = columns
        self.write = write
    }

    func take(_ event: FlashEvent, of port: String?) {
        let port = port ?? ""
        state.withLock { state in
            var text = ""
            switch event {
            case .began(let phase, let what, let total):
                state.bars[port] = (ProgressLine(phase: phase, what: what, total: total), .now)
            case .progress(let done):
                state.bars[port]?.line.done = done
                guard .now - state.lastDrawn >= Self.pause else { return }
            case .ended, .failed:
                state.bars[port] = nil
                text = line(event, port)
            default: text = line(event, port)
            }
            draw(text, &state)
        }
    }

    private func line(_ event: FlashEvent, _ port: String) -> String {
        guard let text = FlashText.line(event) else { return "" }
        return FlashText.folded((ports.count > 1 ? "\(port): " : "") + text, columns: columns()) + "\n"
    }

    private func draw(_ text: String, _ state: inout State) {
        var output = ""
        if state.drawn > 0 { output += "\u{1B}[\(state.drawn)A\r\u{1B}[J" }
        let columns = columns()
        let bars = ports.compactMap { port in
            state.bars[port].map { bar in
                bar.line.text(
                    port: ports.count > 1 ? port : nil, after: (ContinuousClock.now - bar.began).inSeconds,
                    columns: columns)
            }
        }
        output += text + bars.map { $0 + "\n" }.joined()
        state.drawn = bars.count
        state.lastDrawn = .now
        guard !output.isEmpty else { return }
        write(output)
    }

    /// The width of the terminal that stderr is; 80 where it is none.
    static func width() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }
}
