import Glibc

/// A port of 127.0.0.1 whose queue of connections is full: the kernel answers nobody who asks for another one.
final class FullQueue: Sendable {
    struct Failure: Error {}

    let port: Int
    private let sockets: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 0) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isListening else { throw Failure() }
        port = Int(UInt16(bigEndian: place.sin_port))
        // A queue of 0 takes one; the others stay in their handshakes.
        let clients = (0..<4).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK, 0) }
        for client in clients {
            _ = withUnsafePointer(to: &place) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, size) }
            }
        }
        sockets = [listener] + clients
    }

    func close() {
        for socket in sockets { _ = Glibc.close(socket) }
    }
}
