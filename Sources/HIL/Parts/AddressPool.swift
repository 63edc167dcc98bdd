import Glibc
import Synchronization
import UnitProtocol

/// Loopback addresses on which nobody listens: one for each unit, and one for its cable.
final class AddressPool: Sendable {
    private static let first: UInt32 = 0x7F40_0001
    private static let count: UInt32 = 0x003F_0000
    private let next: Mutex<UInt32>

    /// Begins where other runs hardly do. Their numbers say nothing: two that share a network may have the same one.
    init(seed: UInt32 = .random(in: 0...UInt32.max)) {
        next = Mutex(seed % Self.count)
    }

    /// - Throws: ``HILError/infrastructure(_:)`` where a hundred in a row are taken.
    func take() throws -> IPv4Address {
        for _ in 0..<100 {
            let offset = next.withLock { next in
                defer { next = (next + 1) % Self.count }
                return next
            }
            let address = IPv4Address(bits: Self.first + offset)
            // The last number of a network's address is no host's for people, though Linux takes it.
            if (1...254).contains(address.bits & 255), Self.isFree(address) { return address }
        }
        throw HILError.infrastructure("no loopback address has port \(UnitPort.firmware) free; is 127.0.0.0/8 on lo?")
    }

    /// Has somebody listen at an address; at another one where it was taken since it was looked at.
    ///
    /// - Throws: ``HILError/infrastructure(_:)`` where that fails five times.
    func listening<Listener>(_ listen: (IPv4Address) throws -> Listener) throws -> Listener {
        for _ in 1..<5 {
            if let listener = try? listen(take()) { return listener }
        }
        return try listen(take())
    }

    private static func isFree(_ address: IPv4Address) -> Bool {
        let handle = SocketAddress.socket()
        guard handle >= 0 else { return false }
        defer { close(handle) }
        var place = SocketAddress.make(address, UnitPort.firmware)
        return SocketAddress.with(&place) { bind(handle, $0, $1) } == 0
    }
}

/// An IPv4 address and a port as the kernel takes them.
enum SocketAddress {
    /// A socket for TCP that waits for nothing, and that no program inherits which another thread starts meanwhile; below 0 where there is
    /// none.
    static func socket() -> Int32 {
        Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    }

    static func make(_ address: IPv4Address, _ port: Int) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        place.sin_addr.s_addr = address.bits.bigEndian
        return place
    }

    static func with<Result>(
        _ place: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
