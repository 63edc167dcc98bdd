import UnitProtocol

/// Which units may be dialled. Requests come from outside; without this a dashboard's credentials would open a
/// connection to any host.
public struct AllowedAddresses: Equatable, Sendable {
    /// Addresses that the configuration names one by one.
    public var listed: Set<IPv4Address>
    public var networks: [IPv4Network]

    public init(listed: Set<IPv4Address>, networks: [IPv4Network]) {
        self.listed = listed
        self.networks = networks
    }

    /// Listed units always; else what a network of `allow` holds. A loopback or link-local address counts only where
    /// its own network is written: a wide one such as 0.0.0.0/0 does not open it.
    public func contains(_ address: IPv4Address) -> Bool {
        guard Self.isUnicast(address) else { return false }
        if listed.contains(address) { return true }
        let special = Self.special.first { $0.contains(address) }
        return networks.contains { network in
            network.contains(address) && (special.map { $0.contains(network.base) } ?? true)
        }
    }

    /// Neither "this network" (0/8) nor multicast nor reserved nor broadcast (224/3).
    static func isUnicast(_ address: IPv4Address) -> Bool {
        let first = address.bits >> 24
        return first != 0 && first < 224
    }

    /// Loopback (RFC 1122) and link-local (RFC 3927).
    private static let special = ["127.0.0.0/8", "169.254.0.0/16"].compactMap { try? IPv4Network($0) }
}
