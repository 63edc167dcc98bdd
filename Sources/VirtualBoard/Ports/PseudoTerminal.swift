import Foundation
import SerialPort

/// A pair of terminals: a host opens `path` as it opens a serial port, the board has the other end.
///
/// A pseudo terminal carries no DTR and RTS; its speed is only a number, which the board reads and obeys.
final class PseudoTerminal: Sendable {
    /// The board's end, non-blocking.
    let descriptor: Int32
    /// `/dev/pts/N`.
    let path: String
    /// Kept open, so that the pair lives while no host has it open.
    private let hostEnd: Int32

    /// Linux's requests of a terminal master (ioctl_tty(2)), which Glibc in Swift does not export the functions of.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// - Throws: `TerminalError`.
    init() throws(TerminalError) {
        let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TerminalError(operation: "open /dev/ptmx", errno: errno) }
        do throws(TerminalError) {
            var lock: Int32 = 0
            guard ioctl(descriptor, Self.setLock, &lock) == 0 else {
                throw TerminalError(operation: "TIOCSPTLCK", errno: errno)
            }
            var number: Int32 = 0
            guard ioctl(descriptor, Self.getNumber, &number) == 0 else {
                throw TerminalError(operation: "TIOCGPTN", errno: errno)
            }
            path = "/dev/pts/\(number)"
            hostEnd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
            guard hostEnd >= 0 else { throw TerminalError(operation: "open \(path)", errno: errno) }
            var settings = try Termios2(of: hostEnd)
            settings.makeRaw(baud: 115_200)
            try settings.apply(to: hostEnd)
            guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
                throw TerminalError(operation: "F_SETFL", errno: errno)
            }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    /// The speed that the host has set (bits a second).
    var baud: Int {
        (try? Termios2(of: descriptor)).map { Int($0.outputSpeed) } ?? 115_200
    }

    /// The host's end goes away, as an adapter that is pulled out.
    func closeHostEnd() {
        close(hostEnd)
    }
}
