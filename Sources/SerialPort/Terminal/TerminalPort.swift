import Glibc

/// A serial port that the kernel has a driver for, or a pseudo terminal.
///
/// It is opened by one process alone (TIOCEXCL, which root may pass, and a lock on the file, which nobody may who asks),
/// raw, at any speed, and so that closing it leaves DTR and RTS as they are.
public final class TerminalPort: SerialPort {
    public let name: String
    public let hasModemLines: Bool
    private var descriptor: Int32

    /// - Throws: ``SerialError``.
    public init(path: String, baud: Int) throws(SerialError) {
        name = path
        let descriptor = Glibc.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.cannotOpen(path, errno) }
        do throws(SerialError) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw SerialError(path, .busy(PortHolder.all(of: path)))
            }
            try Self.configure(descriptor, path, baud)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        hasModemLines = ModemLines.read(descriptor) != nil
        LowLatency.ask(descriptor)
    }

    deinit { close() }

    private static func configure(_ descriptor: Int32, _ path: String, _ baud: Int) throws(SerialError) {
        let taken: Int?
        do throws(TerminalError) {
            taken = try TerminalSpeed.set(baud, on: descriptor)
        } catch {
            guard error.errno != ENOTTY else { throw SerialError(path, .unsupported("it is no serial port")) }
            throw SerialError(path, .other(operation: error.operation, errno: error.errno))
        }
        if let taken { throw SerialError(path, .otherBaud(asked: baud, taken: taken)) }
        // Who opens it next is told that it is busy, unless it is root; root is told by the lock.
        _ = ioctl(descriptor, UInt(TIOCEXCL))
    }

    private static func cannotOpen(_ path: String, _ code: Int32) -> SerialError {
        switch code {
        case ENOENT, ENXIO, ENODEV, ENOTDIR: SerialError(path, .noSuchPort)
        case EACCES, EPERM: SerialError(path, .notPermitted(group: PortHolder.group(of: path)))
        case EBUSY: SerialError(path, .busy(PortHolder.all(of: path)))
        default: SerialError(path, .other(operation: "open", errno: code))
        }
    }

    public func set(baud: Int) throws(SerialError) {
        let taken: Int?
        do throws(TerminalError) {
            taken = try TerminalSpeed.set(baud, on: descriptor)
        } catch {
            throw failure(error.operation, error.errno)
        }
        if let taken { throw SerialError(name, .otherBaud(asked: baud, taken: taken)) }
    }

    public func set(dtr: Bool?, rts: Bool?) throws(SerialError) {
        guard hasModemLines else { return }
        guard var lines = ModemLines.read(descriptor) else { throw failure("TIOCMGET", errno) }
        if let dtr { lines.dtr = dtr }
        if let rts { lines.rts = rts }
        guard lines.write(descriptor) else { throw failure("TIOCMSET", errno) }
    }

    public func write(_ bytes: [UInt8], within limit: Duration) throws(SerialError) {
        let deadline = ContinuousClock.now + limit
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                guard try wait(for: Int16(POLLOUT), until: deadline) else { throw SerialError(name, .stalled) }
            } else if errno != EINTR {
                throw failure("write", errno)
            }
        }
    }

    public func read(within limit: Duration) throws(SerialError) -> [UInt8] {
        guard try wait(for: Int16(POLLIN), until: ContinuousClock.now + limit) else { return [] }
        var buffer = [UInt8](repeating: 0, count: 0x4000)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 { return Array(buffer[..<count]) }
        guard count == 0 || errno != EAGAIN && errno != EINTR else { return [] }
        throw failure("read", count == 0 ? EIO : errno)
    }

    public func discardInput() throws(SerialError) {
        guard tcflush(descriptor, TCIFLUSH) == 0 else { throw failure("tcflush", errno) }
    }

    public func close() {
        guard descriptor >= 0 else { return }
        // The exclusion belongs to the terminal, which others may hold open, and outlives this descriptor.
        _ = ioctl(descriptor, UInt(TIOCNXCL))
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// - Returns: False when the time has passed.
    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(SerialError) -> Bool {
        guard descriptor >= 0 else { throw SerialError(name, .lost) }
        switch Poll.wait(descriptor, events, until: deadline) {
        case .timedOut: return false
        // A port that has hung up may still have bytes; reading them tells.
        case .ready(let found) where found & events != 0: return true
        case .ready: throw SerialError(name, .lost)
        case .failed(let code): throw failure("poll", code)
        }
    }

    private func failure(_ operation: String, _ code: Int32) -> SerialError {
        switch code {
        case EIO, ENXIO, ENODEV, ENOENT, EBADF, EPIPE: SerialError(name, .lost)
        default: SerialError(name, .other(operation: operation, errno: code))
        }
    }
}
