import Glibc
import Synchronization

/// The user's terminal, which gives each key at once and shows none of them, until it is put back as it was.
///
/// What goes out is still treated as before: a line feed begins a line at its left end.
final class RawTerminal: Sendable {
    private let saved = Mutex<termios?>(nil)

    /// Does nothing where stdin is no terminal, or is in this state already.
    func enter() {
        saved.withLock { saved in
            var settings = termios()
            guard saved == nil, tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
            saved = settings
            settings.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON)
            settings.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
            settings.c_cc.6 = 1  // VMIN
            settings.c_cc.5 = 0  // VTIME
            tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }
    }

    /// May be called from any thread and any number of times.
    func restore() {
        saved.withLock { saved in
            guard var settings = saved else { return }
            saved = nil
            // A process in the background would be stopped here.
            signal(SIGTTOU, SIG_IGN)
            tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }
    }
}
