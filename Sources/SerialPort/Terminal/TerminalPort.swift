import Glibc

/// A serial port that the kernel has a driver for, or a pseudo terminal.
///
/// It is opened by one process alone (TIOCEXCL, which root may pass, a lock on the file, which nobody may who asks, and a
/// look at who has it open without either), raw, at any speed, and so that closing it leaves DTR and RTS as they are.
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
            guard (try? Termios2(of: descriptor)) != nil else {
                throw SerialError(path, .unsupported("it is no serial port"))
            }
            guard !ControllingTerminal.isSame(as: descriptor) else {
                throw SerialError(path, .unsupported("it is the terminal that this command is used at, and no board's"))
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw Self.isBusy(path) }
            // Many programs lock nothing; two readers of one line get a part of the bytes each.
            let holders = PortHolder.all(of: path)
            guard holders.isEmpty else { throw SerialError(path, .busy(holders)) }
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
            throw SerialError(path, .other(operation: error.operation, errno: error.errno))
        }
        if let taken { throw SerialError(path, .otherBaud(asked: baud, taken: taken)) }
        // Who opens it next is told that it is busy, unless it is root; root is told by the lock.
        _ = ioctl(descriptor, UInt(TIOCEXCL))
    }

    private static func cannotOpen(_ path: String, _ code: Int32) -> SerialError {
        switch code {
        case ENOENT, ENXIO, ENODEV, ENOTDIR: SerialError(path, .noSuchPort)
        case EACCES: SerialError(path, .notPermitted(group: PortHolder.group(of: path)))
        // What a container's rules for devices answer, to root too.
        case EPERM: SerialError(path, .unsupported(SerialError.notPassedOn(path)))
        case EBUSY: isBusy(path)
        default: SerialError(path, .other(operation: "open", errno: code))
        }
    }

    /// Somebody has locked it, be it who plays the device.
    private static func isBusy(_ path: String) -> SerialError {
        let holders = PortHolder.all(of: path)
        return SerialError(path, .busy(holders.isEmpty ? PortHolder.all(of: path, withOtherEnd: true) : holders))
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
