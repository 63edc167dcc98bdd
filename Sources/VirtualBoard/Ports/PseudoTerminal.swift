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

    /// - Throws: `TerminalError`.
    init() throws(TerminalError) {
        let descriptor = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TerminalError(operation: "posix_openpt", errno: errno) }
        do throws(TerminalError) {
            guard grantpt(descriptor) == 0, unlockpt(descriptor) == 0 else {
                throw TerminalError(operation: "unlockpt", errno: errno)
            }
            var name = [CChar](repeating: 0, count: 128)
            guard ptsname_r(descriptor, &name, name.count) == 0 else {
                throw TerminalError(operation: "ptsname", errno: errno)
            }
            path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
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
