import NIOCore
import NIOPosix

/// A STUN server's address, looked up.
enum StunServer {
    /// - Parameter text: `name:port`, or a name alone for 3478.
    static func lookUp(_ text: String, isIPv6: Bool) async throws(PeerLinkError) -> PeerAddress {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2,
            let port = parts.count == 2 ? UInt16(parts[1]) : 3478, port > 0
        else { throw .unknownHost(text, reason: "it is not of the form name:port") }
        do {
            if let address = PeerAddress(host: String(name), port: port), address.isIPv6 == isIPv6 { return address }
            let found = try await NIOThreadPool.singleton.runIfActive {
                try SocketAddress.makeAddressResolvingHost(String(name), port: Int(port))
            }
            if let address = PeerAddress(found), address.isIPv6 == isIPv6 { return address }
        } catch {
            throw .unknownHost(text, reason: "\(error)")
        }
        throw .unknownHost(text, reason: "none of the socket's kind (\(isIPv6 ? "IPv6" : "IPv4"))")
    }
}
