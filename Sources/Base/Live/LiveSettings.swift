import PeerLink
import Settings
import UnitProtocol

/// `live`: which read units browsers may watch without a detour through the dashboard. Without the section none.
public struct LiveSettings: Equatable, Sendable {
    /// The most units that stream at once.
    static let mostUnits = 256

    /// Nil: all that are read, the first ``mostUnits`` of them that say something.
    public var units: [IPv4Address]?
    /// The address of the UDP socket.
    public var host = "0.0.0.0"
    /// Its port; 0 takes a free one.
    public var port = 0
    /// The addresses that browsers are told; empty: those of the interfaces that are up.
    public var addresses: [String] = []
    /// `name:port` of a STUN server; nil: none is asked.
    public var stun: String?

    init() {}

    init?(_ reader: SettingsReader?, clients: [IPv4Address]) {
        guard let reader else { return nil }
        defer { reader.finish() }
        units = Self.units(reader, clients: clients)
        host = reader.parsed("host") { try IPv4Address($0).description } ?? host
        port = reader.integer("port", in: 0...65_535) ?? port
        addresses =
            reader.list("addresses", maximumCount: 32)?.compactMap { $0.parsed { try IPv4Address($0).description } }
            ?? []
        stun = reader.parsed("stun") { try Self.server($0) }
    }

    private static func units(_ reader: SettingsReader, clients: [IPv4Address]) -> [IPv4Address]? {
        guard let elements = reader.list("units", maximumCount: mostUnits) else { return nil }
        if elements.isEmpty { reader.report("units", "is empty; name read units, or leave it out for all of them") }
        let known = Set(clients)
        return elements.compactMap { element in
            guard let address = element.parsed(IPv4Address.init) else { return nil }
            guard known.contains(address) else {
                element.report("\(address) is not among clients, so nothing is read from it")
                return nil
            }
            return address
        }
    }

    private static func server(_ text: String) throws(LiveSettingsError) -> String {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let port = Int(parts[1]), (1...65_535).contains(port) else {
            throw .noServer
        }
        return text
    }

    var peers: PeerConfiguration {
        var configuration = PeerConfiguration()
        configuration.host = host
        configuration.port = UInt16(clamping: port)
        configuration.addresses = addresses
        configuration.stunServer = stun
        configuration.limits = .live
        configuration.limits.peers = 1024
        return configuration
    }
}

enum LiveSettingsError: Error, Equatable, CustomStringConvertible {
    case noServer

    var description: String { "must be a host and a port, such as stun.example.org:3478" }
}
