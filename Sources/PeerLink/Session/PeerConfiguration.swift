/// How a host or offerer meets the world.
public struct PeerConfiguration: Equatable, Sendable {
    /// The address of the socket: `0.0.0.0` for all of IPv4, or one of this machine's, which may be IPv6's.
    public var host = "0.0.0.0"
    /// The UDP port; 0 takes any that is free.
    public var port: UInt16 = 0
    /// The addresses that peers are told; empty tells those of the interfaces that are up, or `host` where that is one.
    public var addresses: [String] = []
    /// `name:port` of a STUN server, which is asked for the address beyond a NAT; nil asks nobody.
    public var stunServer: String?
    public var limits = PeerLimits()

    public init() {}
}
