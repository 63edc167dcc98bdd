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
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // Each request waits for its answer: nothing is to be gathered.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, size)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &isOn, size)
        return descriptor
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
