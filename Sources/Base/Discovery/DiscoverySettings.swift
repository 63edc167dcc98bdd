import Settings
import UnitProtocol

/// `discovery`: where the base looks for units that nobody has told it of. Without the section it looks nowhere.
public struct DiscoverySettings: Equatable, Sendable {
    /// The most addresses of all networks together, and so of one network: a /16.
    static let addressLimit = 65_536

    /// The networks whose addresses are tried, one after the other.
    public var networks: [IPv4Network] = []
    /// Addresses that are tried a second.
    public var rate = 20
    /// From the beginning of one sweep to that of the next; one that takes longer is followed at once.
    public var period = Duration.seconds(3600)
    public var timeout = Duration.seconds(2)
    /// How long a unit that was reached is listened to for one line; zero: not at all.
    public var listening = Duration.milliseconds(2500)
    /// Whether units that announce themselves by multicast DNS are heard.
    public var usesMulticastDNS = false
    /// The address of the interface for multicast DNS; nil: the one that the kernel's route names.
    public var interface: IPv4Address?

    init() {}

    init?(_ reader: SettingsReader?, allow: [IPv4Network]) {
        guard let reader else { return nil }
        defer { reader.finish() }
        networks = Self.networks(reader, allow: allow)
        rate = reader.integer("rate", in: 1...1000) ?? rate
        period = reader.duration("every", in: .seconds(60)...(.seconds(7 * 86_400))) ?? period
        timeout = reader.duration("timeout", in: .milliseconds(100)...(.seconds(30))) ?? timeout
        listening = reader.duration("listen", in: .zero...(.seconds(10))) ?? listening
        usesMulticastDNS = reader.bool("mdns") ?? usesMulticastDNS
        interface = reader.parsed("interface") { try IPv4Address($0) }
        if reader.node("sweep") == nil, !usesMulticastDNS {
            reader.report(nil, "names nowhere to look; write sweep, or \"mdns\": true, or leave the section out")
        }
        guard let interface else { return }
        if !usesMulticastDNS {
            reader.report("interface", "is for multicast DNS; write \"mdns\": true, or leave it out")
        } else if !AllowedAddresses.isUnicast(interface) {
            reader.report("interface", "\(interface) is no address of an interface")
        }
    }

    private static func networks(_ reader: SettingsReader, allow: [IPv4Network]) -> [IPv4Network] {
        guard let elements = reader.list("sweep", maximumCount: 1024) else { return [] }
        if elements.isEmpty { reader.report("sweep", "is empty; name a network, or leave it out") }
        let networks = elements.compactMap { element -> IPv4Network? in
            guard let network = element.parsed(IPv4Network.init) else { return nil }
            guard network.count <= addressLimit else {
                element.report("\(network) has more than \(addressLimit) addresses; at most a /16 is swept")
                return nil
            }
            guard AllowedAddresses(listed: [], networks: allow + IPv4Network.rfc1918).contains(network) else {
                element.report(
                    "\(network) lies neither in a network of allow nor in a private one (10/8, 172.16/12, 192.168/16); "
                        + "loopback and link-local ones must be written in allow")
                return nil
            }
            return network
        }
        let count = networks.reduce(0) { $0 + $1.count }
        if count > addressLimit {
            reader.report("sweep", "names \(count) addresses; at most \(addressLimit) are swept")
        }
        return networks
    }
}

extension AllowedAddresses {
    /// Whether each address of a network may be dialled because of one network of `allow`.
    fileprivate func contains(_ network: IPv4Network) -> Bool {
        networks.contains { wide in
            wide.prefixLength <= network.prefixLength
                && AllowedAddresses(listed: [], networks: [wide]).contains(network.base)
        }
    }
}
