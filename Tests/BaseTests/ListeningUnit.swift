import Foundation
import Synchronization
import UnitProtocol

/// A unit of plain sockets that can vanish from the network as a machine does that loses its power.
final class ListeningUnit: Sendable {
    /// Thrown when a socket call fails.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let listener: Int32
    private let accepted = Mutex([Int32]())

    /// Listens at once.
    ///
    /// - Parameter greeting: What each peer is sent first.
    init(_ address: IPv4Address, greeting: String = "") throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var local = sockaddr_in()
        local.sin_family = sa_family_t(AF_INET)
        local.sin_port = in_port_t(UnitPort.firmware).bigEndian
        local.sin_addr.s_addr = address.bits.bigEndian
        let result = withUnsafePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, listen(listener, 16) == 0 else {
            throw Failure(description: "listen on \(address): \(String(cString: strerror(errno)))")
        }
        Thread.detachNewThread { [self] in accept(greeting) }
    }

    private func accept(_ greeting: String) {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { return }
            accepted.withLock { $0.append(connection) }
            _ = Glibc.send(connection, greeting, greeting.utf8.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// How many connections were accepted, those included that are gone.
    var connections: Int { accepted.withLock { $0.count } }

    /// Sends over the latest connection as much as TCP takes.
    func say(_ text: String) {
        guard let connection = accepted.withLock({ $0.last }) else { return }
        _ = Glibc.send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    }

    /// From now on the latest connection hears nothing more, not even TCP's questions, and so answers none: a filter of the
    /// kernel drops each segment that comes for it (socket(7), SO_ATTACH_FILTER).
    func vanish() throws {
        guard let connection = accepted.withLock({ $0.last }) else { throw Failure(description: "no connection") }
        // BPF_RET | BPF_K with the constant 0: keep no byte. As in struct sock_filter: code, jt, jf, k.
        var instruction: (UInt16, UInt8, UInt8, UInt32) = (0x06, 0, 0, 0)
        let result = withUnsafeMutablePointer(to: &instruction) { pointer in
            // struct sock_fprog: the number of instructions, and where they stand.
            var program: (UInt16, UnsafeMutableRawPointer) = (1, UnsafeMutableRawPointer(pointer))
            return setsockopt(connection, SOL_SOCKET, 26, &program, socklen_t(MemoryLayout.size(ofValue: program)))
        }
        guard result == 0 else { throw Failure(description: "filter: \(String(cString: strerror(errno)))") }
    }

    /// Whether the latest connection was reset (not merely ended), known without waiting.
    func isReset() -> Bool {
        guard let connection = accepted.withLock({ $0.last }) else { return false }
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(connection, SOL_SOCKET, SO_ERROR, &error, &size)
        return error != 0
    }

    /// Ends the latest connection with FIN.
    func hangUp() {
        guard let connection = accepted.withLock({ $0.last }) else { return }
        shutdown(connection, Int32(SHUT_RDWR))
    }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
        accepted.withLock { connections in
            for connection in connections { Glibc.close(connection) }
            connections = []
        }
    }
}
