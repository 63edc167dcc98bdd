import Glibc
import SerialPort

/// The terminal that the user sits at, which is no port of a board.
enum OwnTerminal {
    /// TIOCGDEV of Linux: the number of a terminal's device, also behind /dev/tty.
    private static let deviceRequest: UInt = 0x8004_5432

    /// - Throws: ``SerialError`` where the address is the terminal of stdin, stdout or stderr, or that of the session.
    static func refuse(_ address: SerialAddress) throws(SerialError) {
        guard case .terminal(let path) = address else { return }
        var found = stat()
        guard stat(path, &found) == 0, found.st_mode & S_IFMT == S_IFCHR else { return }
        let own = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        defer { if own >= 0 { close(own) } }
        var alias = stat()
        let isAlias = own >= 0 && fstat(own, &alias) == 0 && alias.st_rdev == found.st_rdev
        let isOwn = [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, own].contains { device($0) == found.st_rdev }
        guard !isAlias, !isOwn else {
            throw SerialError(
                path,
                .unsupported("it is the terminal you sit at, no board's port; iot ports lists those that there are"))
        }
    }

    /// Nil where the descriptor is no terminal.
    private static func device(_ descriptor: Int32) -> dev_t? {
        var number: UInt32 = 0
        guard ioctl(descriptor, deviceRequest, &number) == 0 else { return nil }
        return dev_t(number)
    }
}
