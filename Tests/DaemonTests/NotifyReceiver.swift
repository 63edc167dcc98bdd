import Foundation
import TestSupport

/// A service manager's socket: hears one datagram after the other.
final class NotifyReceiver: Sendable {
    private let descriptor: Int32

    struct Failed: Error {
        let operation: String
        let errno: Int32
    }

    /// - Parameter name: A path, or `@` and an abstract name.
    init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(operation: "socket", errno: errno) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if name.hasPrefix("@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0 else { throw Failed(operation: "bind", errno: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// The next datagram, within 60 s.
    func next() async throws -> String {
        try await onThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Failed(operation: "recv", errno: errno) }
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}
