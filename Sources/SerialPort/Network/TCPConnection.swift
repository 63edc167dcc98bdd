import Glibc

/// A TCP connection that is used by one thread and waits no longer than it is told.
final class TCPConnection {
    private let name: String
    private var descriptor: Int32

    /// Connects to the first address of `host` that answers.
    ///
    /// - Parameters:
    ///   - name: What messages call it.
    ///   - deadline: When it must have come about, the search for the address included.
    /// - Throws: ``SerialError`` with the reason `unreachable`.
    init(
        name: String, host: String, port: Int, until deadline: ContinuousClock.Instant, lookup: HostLookup = .system
    ) throws(SerialError) {
        self.name = name
        var last = SocketError(errno: ECONNREFUSED)
        for address in try lookup.addresses(of: host, port: port, name: name, until: deadline) {
            do throws(SocketError) {
                descriptor = try Self.connect(address, until: deadline)
                return
            } catch {
                last = error
            }
        }
        throw SerialError(name, .unreachable("no connection: \(String(cString: strerror(last.errno)))"))
    }

    deinit { close() }

    /// Why an address was not reached.
    private struct SocketError: Error {
        var errno: Int32
    }

    private static func connect(
        _ address: HostLookup.Address, until deadline: ContinuousClock.Instant
    ) throws(SocketError) -> Int32 {
        let descriptor = socket(
            address.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError(errno: errno) }
        var code = address.bytes.withUnsafeBytes { bytes in
            let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return Glibc.connect(descriptor, pointer, socklen_t(bytes.count)) == 0 ? 0 : errno
        }
        if code == EINPROGRESS {
            var length = socklen_t(MemoryLayout<Int32>.size)
            switch Poll.wait(descriptor, Int16(POLLOUT), until: deadline) {
            case .ready: getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
            case .timedOut: code = ETIMEDOUT
            case .failed(let error): code = error
            }
        }
        guard code == 0 else {
            Glibc.close(descriptor)
            throw SocketError(errno: code)
        }
        set(1, TCP_NODELAY, on: descriptor)
        set(1, SO_KEEPALIVE, SOL_SOCKET, on: descriptor)
        set(firstProbe, TCP_KEEPIDLE, on: descriptor)
        set(probeInterval, TCP_KEEPINTVL, on: descriptor)
        set(probes, TCP_KEEPCNT, on: descriptor)
        set(unansweredLimit, TCP_USER_TIMEOUT, on: descriptor)
        return descriptor
    }

    /// A peer that is silent is asked whether it is there after so many seconds, again and again, so many times: a peer
    /// without power or network is noticed within half a minute, and not after the system's two hours.
    private static let firstProbe: Int32 = 10
    private static let probeInterval: Int32 = 5
    private static let probes: Int32 = 3
    /// Milliseconds that what was sent may be on its way. It rules over the number of probes too.
    private static let unansweredLimit: Int32 = 25_000

    private static func set(
        _ value: Int32, _ option: Int32, _ level: Int32 = Int32(IPPROTO_TCP), on descriptor: Int32
    ) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Sends all of it.
    func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(SerialError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                guard Poll.wait(descriptor, Int16(POLLOUT), until: deadline) != .timedOut else {
                    throw SerialError(name, .stalled)
                }
            } else if errno != EINTR {
                throw SerialError(name, .lost)
            }
        }
    }

    /// - Returns: At least one byte, or nothing when the time has passed.
    func read(until deadline: ContinuousClock.Instant) throws(SerialError) -> [UInt8] {
        switch Poll.wait(descriptor, Int16(POLLIN), until: deadline) {
        case .timedOut: return []
        case .failed: throw SerialError(name, .lost)
        case .ready: break
        }
        var buffer = [UInt8](repeating: 0, count: 0x4000)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { return Array(buffer[..<count]) }
        guard count < 0, errno == EAGAIN || errno == EINTR else { throw SerialError(name, .lost) }
        return []
    }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }
}
