import Foundation
import Glibc

/// A TCP connection that is used by one thread and waits no longer than it is told.
final class TCPConnection {
    /// What messages call it.
    let name: String
    private var descriptor: Int32

    /// Connects to the first address of `host` that answers.
    ///
    /// - Throws: ``SerialError`` with the reason `unreachable`.
    init(name: String, host: String, port: Int, within limit: Duration) throws(SerialError) {
        self.name = name
        let deadline = ContinuousClock.now + limit
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0 else {
            throw SerialError(
                name, .unreachable("the name \(host) was not found: \(String(cString: gai_strerror(code)))"))
        }
        defer { freeaddrinfo(found) }
        var last = ECONNREFUSED
        var next = found
        while let candidate = next?.pointee {
            switch Self.connect(candidate, until: deadline) {
            case .success(let descriptor):
                self.descriptor = descriptor
                return
            case .failure(let error): last = error.errno
            }
            next = candidate.ai_next
        }
        throw SerialError(name, .unreachable("no connection: \(String(cString: strerror(last)))"))
    }

    deinit { close() }

    private static func connect(
        _ candidate: addrinfo, until deadline: ContinuousClock.Instant
    ) -> Result<Int32, TerminalError> {
        let descriptor = socket(
            candidate.ai_family, candidate.ai_socktype | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .failure(TerminalError(operation: "socket", errno: errno)) }
        var code = Glibc.connect(descriptor, candidate.ai_addr, candidate.ai_addrlen) == 0 ? 0 : errno
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
            return .failure(TerminalError(operation: "connect", errno: code))
        }
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // Each request waits for its answer: nothing is to be gathered.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, size)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &isOn, size)
        return .success(descriptor)
    }

    func write(_ bytes: [UInt8], within limit: Duration) throws(SerialError) {
        let deadline = ContinuousClock.now + limit
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
    func read(within limit: Duration) throws(SerialError) -> [UInt8] {
        switch Poll.wait(descriptor, Int16(POLLIN), until: ContinuousClock.now + limit) {
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
