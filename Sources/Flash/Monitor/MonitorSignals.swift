import Glibc

/// Signals that would end or stop a monitor with the terminal in a state that no shell expects.
///
/// The four that ask a program to end (``asking``) are not among them: ``MonitorRun`` obeys those in its own time.
enum MonitorSignals {
    static let asking = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    /// What does not end a process by default, and what no program can catch.
    private static let harmless = [
        SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD, SIGURG, SIGWINCH, SIGPIPE,
    ]

    /// Has the terminal put back before any other signal ends the process, or stops it (SIGTSTP), and taken again when it goes
    /// on. A signal that is ignored stays ignored; one that has a handler still gets there, afterwards.
    static func install() {
        // Made now: a handler must not be the first to use it.
        RawTerminal.restore()
        for signal in 1...last where !asking.contains(signal) && !harmless.contains(signal) {
            handleEnd(by: signal)
        }
        handle(SIGTSTP, Self.stop)
        handle(SIGCONT) { _ in
            let code = errno
            RawTerminal.doubt()
            errno = code
        }
    }

    private static let last = __libc_current_sigrtmax()
    /// What was there before, by number, for the handlers.
    nonisolated(unsafe) private static let before = {
        let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: Int(last) + 1)
        actions.initialize(repeating: sigaction(), count: Int(last) + 1)
        return actions
    }()

    private static func handleEnd(by signal: Int32) {
        let place = before + Int(signal)
        // The C library keeps two for itself.
        guard sigaction(signal, nil, place) == 0, !isIgnored(place.pointee) else { return }
        handle(signal) { signal in
            RawTerminal.restore()
            sigaction(signal, MonitorSignals.before + Int(signal), nil)
            // Comes when this handler has returned.
            raise(signal)
        }
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
    }

    /// Stops as if nobody had caught it.
    private static let stop: @convention(c) (Int32) -> Void = { signal in
        let code = errno
        RawTerminal.suspend()
        let byDefault = sigaction()
        var caught = sigaction()
        withUnsafePointer(to: byDefault) { _ = sigaction(signal, $0, &caught) }
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        raise(signal)
        // It stops here, and goes on from here.
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        sigaction(signal, &caught, nil)
        // Also where nothing stops it: in a session without a shell.
        RawTerminal.doubt()
        errno = code
    }

    private static func handle(_ signal: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        sigaction(signal, &action, nil)
    }
}
