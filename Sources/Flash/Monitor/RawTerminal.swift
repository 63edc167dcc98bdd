import Glibc
import Synchronization

/// The user's terminal (stdin), which gives each key at once and shows none of them, until it is put back as it was.
///
/// What goes out is still treated as before: a line feed begins a line at its left end. A process has one such terminal, and
/// the handlers of signals put it back: so this is no object, and what they touch needs no lock and no memory.
enum RawTerminal {
    private enum State: UInt8, AtomicRepresentable {
        /// As the user has it.
        case untouched
        case raw
        /// Put back, as the process is about to be stopped.
        case stopping
        /// The process goes on, or has not taken it yet: raw as soon as it is in the foreground.
        case suspended
    }

    private static let state = Atomic(State.untouched)
    // Written before the state says that they count.
    nonisolated(unsafe) private static let before = UnsafeMutablePointer<termios>.allocate(capacity: 1)
    nonisolated(unsafe) private static let keys = UnsafeMutablePointer<termios>.allocate(capacity: 1)

    /// Whether keys come from it. To read them in the background would stop us.
    static var isTaken: Bool { state.load(ordering: .acquiring) == .raw }

    /// Takes it, in the background as soon as the shell gives it. Does nothing where stdin is no terminal.
    static func enter() {
        guard state.load(ordering: .acquiring) == .untouched, tcgetattr(STDIN_FILENO, before) == 0 else { return }
        var settings = before.pointee
        settings.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON)
        settings.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
        settings.c_cc.6 = 1  // VMIN
        settings.c_cc.5 = 0  // VTIME
        keys.initialize(to: settings)
        state.store(.suspended, ordering: .releasing)
        resume()
    }

    /// Puts it back. From any thread, from the handler of a signal, and any number of times.
    static func restore() {
        guard state.exchange(.untouched, ordering: .acquiringAndReleasing) == .raw, isOurs else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, before)
    }

    /// Puts it back before the process is stopped. From the handler of a signal too.
    static func suspend() {
        guard change(.raw, to: .stopping), isOurs else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, before)
    }

    /// The process was stopped and goes on: somebody may have changed the terminal. From the handler of a signal too.
    static func doubt() {
        _ = change(.stopping, to: .suspended) || change(.raw, to: .suspended)
    }

    /// Takes it again after ``doubt()``, once the shell has given it back.
    static func resume() {
        guard state.load(ordering: .acquiring) == .suspended, isOurs, change(.suspended, to: .raw) else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, keys)
    }

    private static func change(_ from: State, to: State) -> Bool {
        state.compareExchange(expected: from, desired: to, ordering: .acquiringAndReleasing).exchanged
    }

    /// Whether no other job has it: to change it then would take it from the shell, and stop a thread that can be stopped so.
    private static var isOurs: Bool {
        let group = tcgetpgrp(STDIN_FILENO)
        return group < 0 || group == getpgrp()
    }
}
