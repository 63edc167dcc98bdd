import Foundation

/// A blocking TCP socket with time limits, for tests in which each byte counts.
public final class RawSocket {
    private var descriptor: Int32
    /// Whether ``readToEnd()`` has come to a reset, not to the peer's FIN.
    public private(set) var wasReset = false

    /// Thrown when a socket call fails.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Connects.
    ///
    /// - Parameter timeout: The limit for connecting, for each write and for each read (seconds).
    public init(_ address: String, port: Int, timeout: Int = 10) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, address, &target.sin_addr)
        let result = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            throw Failure(description: "connect \(address):\(port): \(String(cString: strerror(errno)))")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Sends all bytes, or as many as the peer takes in time.
    public func write(_ bytes: [UInt8]) {
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    public func write(_ text: String) { write(Array(text.utf8)) }

    /// `count` bytes, or what came until the end or the time limit.
    public func read(_ count: Int) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
        return String(decoding: bytes.prefix(max(0, got)), as: UTF8.self)
    }

    /// Everything until the peer closes; nil when it does not within the time limit.
    public func readToEnd() -> String? {
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let got = recv(descriptor, &piece, piece.count, 0)
            wasReset = got < 0 && errno == ECONNRESET
            if got == 0 || wasReset { return String(decoding: all, as: UTF8.self) }
            guard got > 0 else { return nil }
            all += piece.prefix(got)
        }
    }

    /// Ends the connection with RST.
    public func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RD))
        close(descriptor)
        descriptor = -1
    }

    /// Sends FIN; what the peer sends can still be read.
    public func finish() { shutdown(descriptor, Int32(SHUT_WR)) }
}
