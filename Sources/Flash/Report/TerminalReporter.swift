import Foundation
import Synchronization

/// A bar a board on a terminal, redrawn in place; what stays goes above the bars.
final class TerminalReporter: Reporter {
    private struct Bar {
        var phase: FlashEvent.Phase
        var what: String
        var total: Int
        var done = 0
        var began = ContinuousClock.now
    }

    private struct State {
        var bars: [String: Bar] = [:]
        /// How many lines of bars stand on the terminal.
        var drawn = 0
        var lastDrawn = ContinuousClock.now
    }

    private let ports: [String]
    private let state = Mutex(State())
    private static let pause = Duration.milliseconds(100)
    private static let width = 24

    init(ports: [String]) {
        self.ports = ports
    }

    func take(_ event: FlashEvent, of port: String?) {
        let port = port ?? ""
        state.withLock { state in
            var text = ""
            switch event {
            case .began(let phase, let what, let total):
                state.bars[port] = Bar(phase: phase, what: what, total: total)
            case .progress(let done):
                state.bars[port]?.done = done
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
        return (ports.count > 1 ? "\(port): " : "") + text + "\n"
    }

    private func draw(_ text: String, _ state: inout State) {
        var output = ""
        if state.drawn > 0 { output += "\u{1B}[\(state.drawn)A\r\u{1B}[J" }
        let columns = Self.columns
        let bars = ports.compactMap { port in
            // A line that wraps would be two when the bars are taken away.
            state.bars[port].map { Self.text($0, ports.count > 1 ? port : nil).prefix(columns - 1) }
        }
        output += text + bars.map { $0 + "\n" }.joined()
        state.drawn = bars.count
        state.lastDrawn = .now
        try? FileHandle.standardError.write(contentsOf: Data(output.utf8))
    }

    /// How wide the terminal is now.
    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }

    private static func text(_ bar: Bar, _ port: String?) -> String {
        let name = port.map { "\($0): " } ?? ""
        let label = "\(name)\(FlashText.present(bar.phase)) \(bar.what)"
        guard bar.total > 0 else { return label }
        let share = min(1, Double(bar.done) / Double(bar.total))
        let full = Int(share * Double(width))
        let graph = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
        let seconds = (ContinuousClock.now - bar.began).inSeconds
        let rate = seconds > 0 ? Double(bar.done) / seconds : 0
        let left = rate > 0 ? ", \(Int((Double(bar.total - bar.done) / rate).rounded(.up))) s left" : ""
        let amount = "\(FlashText.size(bar.done)) of \(FlashText.size(bar.total))"
        return "\(label) \(graph) \(Int(share * 100)) %, \(amount), \(FlashText.number(rate / 1000)) kB/s\(left)"
    }
}
