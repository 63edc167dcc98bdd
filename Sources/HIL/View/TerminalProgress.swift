@preconcurrency import Dispatch
import Foundation
import Glibc
import Synchronization
import TerminalText

/// A live view on a terminal: what has ended stays and moves up, below it is a picture of what runs, painted ten times a second.
///
/// It changes no mode of the terminal, neither its keys nor its cursor: whatever ends the process, the shell goes on below the
/// picture, and there is nothing to be put back.
final class TerminalProgress: ProgressFollower {
    private struct State {
        var screen: LiveScreen
        /// What stays, and is not written yet.
        var kept: [String] = []
        /// How many columns each line takes that stands in the picture.
        var drawn: [Int] = []
        /// Lines by which the person's own keys have moved on since.
        var echoed = 0
        var isOver = false
    }

    private static let pause = DispatchTimeInterval.milliseconds(100)

    private let isColoured: Bool
    private let size: @Sendable () -> (columns: Int, rows: Int)
    private let write: @Sendable (String) -> Void
    private let began = ContinuousClock.now
    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "hil.view")
    private let timer: any DispatchSourceTimer
    private let continued: any DispatchSourceSignal

    /// - Parameters:
    ///   - size: How large the terminal is now.
    ///   - write: Gives text to the terminal.
    init(
        isColoured: Bool, size: @escaping @Sendable () -> (columns: Int, rows: Int) = TerminalProgress.size,
        write: @escaping @Sendable (String) -> Void = PlainProgress.writeToStandardOutput
    ) {
        self.isColoured = isColoured
        self.size = size
        self.write = write
        state = Mutex(State(screen: LiveScreen(isColoured: isColoured)))
        timer = DispatchSource.makeTimerSource(queue: queue)
        continued = DispatchSource.makeSignalSource(signal: SIGCONT, queue: queue)
        timer.schedule(deadline: .now() + Self.pause, repeating: Self.pause)
        timer.setEventHandler { [weak self] in self?.paint() }
        // The shell has written below the picture since the process was stopped.
        continued.setEventHandler { [weak self] in self?.state.withLock { $0.drawn = [] } }
        timer.activate()
        continued.activate()
    }

    var showsQuestions: Bool { true }

    deinit { end() }

    func on(_ progress: RunProgress) {
        state.withLock { state in
            guard !state.isOver else { return }
            if case .answered(inTime: true) = progress { state.echoed += 1 }
            let columns = size().columns
            let now = ContinuousClock.now - began
            state.kept += state.screen.on(progress, at: now, width: columns)
            guard case .finished(let run) = progress else { return }
            state.kept += [""] + RunTable(run: run, isColoured: isColoured, width: columns).lines
            paint(&state, picture: [])
            state.isOver = true
            end()
        }
    }

    /// Takes the picture away where a run ends before its time, such as by a signal.
    func close() {
        state.withLock { state in
            guard !state.isOver else { return }
            paint(&state, picture: [])
            state.isOver = true
            end()
        }
    }

    private func end() {
        timer.cancel()
        continued.cancel()
    }

    private func paint() {
        state.withLock { state in
            guard !state.isOver else { return }
            let (columns, rows) = size()
            let now = ContinuousClock.now - began
            paint(&state, picture: state.screen.picture(at: now, width: columns, height: max(1, rows - 1)))
        }
    }

    private func paint(_ state: inout State, picture: [String]) {
        var text = ""
        let columns = max(1, size().columns)
        // A terminal that has become narrower since shows a line of the picture as several.
        let rows = state.drawn.reduce(state.echoed) { $0 + max(1, ($1 + columns - 1) / columns) }
        if rows > 0 { text += "\u{1B}[\(rows)A" }
        if rows > 0 || !picture.isEmpty { text += "\r\u{1B}[J" }
        text += (state.kept + picture).map { $0 + "\n" }.joined()
        state.kept = []
        state.echoed = 0
        state.drawn = picture.map(\.withoutStyle.columns)
        if !text.isEmpty { write(text) }
    }

    /// Of the terminal that stdout is; 80 columns of 24 rows where it does not tell.
    static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1, size.ws_row > 1 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}

extension String {
    /// Without the sequences that colour it.
    fileprivate var withoutStyle: String {
        var rest = self[...]
        var text = ""
        while let begin = rest.firstIndex(of: "\u{1B}") {
            text += rest[..<begin]
            guard let end = rest[begin...].firstIndex(of: "m") else { return text }
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }
}
