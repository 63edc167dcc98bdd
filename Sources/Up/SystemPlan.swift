import Foundation
import UnitProtocol

/// What the whole system consists of, worked out before anything starts: which units, and what each part is told.
struct SystemPlan: Equatable, Sendable {
    struct Unit: Equatable, Sendable, Encodable {
        enum Kind: String, Sendable, Encodable {
            case read, updatable
        }

        var name: String
        var address: IPv4Address
        var kind: Kind

        enum CodingKeys: String, CodingKey {
            case name, ip, kind
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(address.description, forKey: .ip)
            try container.encode(kind, forKey: .kind)
        }
    }

    var units: [Unit]

    /// What the read units measure, one cohort each; lamps have a cohort of their own.
    private static let signals = [
        (name: "daylight", signal: "sine:60s"), (name: "drift", signal: "walk:20"), (name: "noise", signal: "uniform"),
        (name: "swing", signal: "sine:15s"),
    ]

    /// 127.255.255.254; the address after it is the broadcast address of 127.0.0.0/8.
    private static let lastAddress = IPv4Address(bits: 0x7FFF_FFFE)

    /// Gives consecutive addresses to the read units, then to the lamps.
    ///
    /// - Throws: ``UpError/addressesRunOut`` past the last loopback address.
    init(count: UnitCount, firstAddress: IPv4Address) throws {
        units = try (0..<count.read + count.updatable).map { index in
            guard let address = firstAddress.advanced(by: UInt32(index)), address <= Self.lastAddress else {
                throw UpError.addressesRunOut(firstAddress)
            }
            let (round, signal) = index.quotientAndRemainder(dividingBy: Self.signals.count)
            return index < count.read
                ? Unit(name: "\(Self.signals[signal].name)-\(round + 1)", address: address, kind: .read)
                : Unit(name: "lamp-\(index - count.read + 1)", address: address, kind: .updatable)
        }
    }

    /// The fleet file for `iot sim fleet`, which names the units of a cohort `NAME-1`, `NAME-2` as they are named here.
    var fleetFile: String {
        var text = "cohorts:\n"
        for (index, (name, signal)) in Self.signals.enumerated() {
            text += cohort(name, .read, "    signal: \(signal)\n    seed: \(index + 1)\n")
        }
        return text + cohort("lamp", .updatable, "")
    }

    private func cohort(_ name: String, _ kind: Unit.Kind, _ details: String) -> String {
        let addresses = units.filter { $0.kind == kind && $0.name.hasPrefix("\(name)-") }.map(\.address.description)
        guard !addresses.isEmpty else { return "" }
        return """
              - name: \(name)
                kind: \(kind.rawValue)
                addresses: [\(addresses.joined(separator: ", "))]
            \(details)
            """
    }

    /// The configuration for `iot base`: the original file's keys, and those that point it at the hub.
    func baseConfiguration(hub: HubAddress, appKey: String, token: String, outbox: String) throws -> Data {
        let configuration = BaseConfiguration(
            clients: units.filter { $0.kind == .read }.map(\.address.description),
            api: .init(url: hub.url, token: token),
            pusher: .init(appKey: appKey, cluster: "local", host: hub.host, port: hub.port, tls: false),
            allow: units.map { "\($0.address)/32" }, outbox: .init(directory: outbox))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(configuration)
    }

    private struct BaseConfiguration: Encodable {
        struct API: Encodable {
            var url: String
            var token: String
        }
        struct Pusher: Encodable {
            var appKey: String
            var cluster: String
            var host: String
            var port: Int
            var tls: Bool

            enum CodingKeys: String, CodingKey {
                case appKey = "app-key"
                case cluster, host, port, tls
            }
        }
        var clients: [String]
        var api: API
        var pusher: Pusher
        struct Outbox: Encodable {
            var directory: String
        }
        var allow: [String]
        var outbox: Outbox
    }
}
