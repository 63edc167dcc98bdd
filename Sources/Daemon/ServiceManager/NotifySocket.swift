import Glibc

/// The socket on which a service manager hears its services: a datagram socket of the Unix domain, which has a path or an
/// abstract name (unix(7)).
struct NotifySocket: Equatable, Sendable {
    /// As in `NOTIFY_SOCKET`: an absolute path, or `@` and the abstract name.
    let name: String

    /// - Throws: ``NotifySocketError/unknownForm(_:)``, ``NotifySocketError/tooLong(_:limit:)``.
    init(_ name: String) throws {
        guard name.count > 1, name.hasPrefix("/") || name.hasPrefix("@"), !name.utf8.contains(0) else {
            throw NotifySocketError.unknownForm(name)
        }
        // A path needs its final zero byte; an abstract name, whose `@` stands for a zero byte, needs none.
        let limit = Self.capacity - (name.hasPrefix("/") ? 1 : 0)
        guard name.utf8.count <= limit else { throw NotifySocketError.tooLong(name, limit: limit) }
        self.name = name
    }

    /// Sends one datagram; never blocks.
    ///
    /// - Throws: ``NotifySocketError/failed(_:operation:errno:)``.
    func send(_ text: String) throws {
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw NotifySocketError.failed(name, operation: "socket", errno: errno) }
        defer { close(descriptor) }
        var (address, length) = address
        let bytes = Array(text.utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
        guard sent == bytes.count else { throw NotifySocketError.failed(name, operation: "sendto", errno: errno) }
    }

    private static let capacity = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

    /// The length tells an abstract name's end: it covers what is given and nothing else.
    private var address: (sockaddr_un, socklen_t) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if bytes[0] == UInt8(ascii: "@") {
            bytes[0] = 0
        } else {
            bytes.append(0)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        return (address, socklen_t(start + bytes.count))
    }
}
