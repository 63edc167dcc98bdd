import Glibc

/// The terminal that a person uses this process at: its standard files, and what controls it.
enum ControllingTerminal {
    /// Source: Linux's tty_ioctl(4): the device's number, of `/dev/tty` that of the terminal behind it.
    private static let getDevice: UInt = 0x8004_5432

    /// Whether an open terminal is this one. As a board's port it would be made raw, and its keys would be taken for what
    /// a board says.
    static func isSame(as descriptor: Int32) -> Bool {
        guard let device = device(descriptor) else { return false }
        if [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO].contains(where: { Self.device($0) == device }) { return true }
        let terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard terminal >= 0 else { return false }
        defer { close(terminal) }
        return Self.device(terminal) == device
    }

    private static func device(_ descriptor: Int32) -> UInt32? {
        var number: UInt32 = 0
        return ioctl(descriptor, getDevice, &number) == 0 ? number : nil
    }
}
