import Glibc
import NIOCore

extension PeerAddress {
    /// - Returns: Nil for what is not an IP address.
    init?(_ address: SocketAddress) {
        let port = UInt16(truncatingIfNeeded: address.port ?? 0)
        switch address {
        case .v4(let address):
            self.init(ipv4: UInt32(bigEndian: address.address.sin_addr.s_addr), port: port)
        case .v6(let address):
            self.init(bytes: withUnsafeBytes(of: address.address.sin6_addr, Array.init), port: port)
        case .unixDomainSocket: return nil
        }
    }

    var socketAddress: SocketAddress {
        let bytes = bytes
        guard isIPv6 else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
            return SocketAddress(address)
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
        return SocketAddress(address)
    }
}
