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

    /// The port on which every unit listens.
    static let unitPort = 8888

    var units: [Unit]

    /// Gives consecutive addresses to the read units, then to the lamps.
    ///
    /// - Throws: ``UpError/addressesRunOut`` past the end of the address space.
    init(count: UnitCount, firstAddress: IPv4Address) throws {
        units = try (0..<count.read + count.updatable).map { index in
            guard let address = firstAddress.advanced(by: UInt32(index)) else {
                throw UpError.addressesRunOut(firstAddress)
            }
            return index < count.read
                ? Unit(name: "sensor-\(index + 1)", address: address, kind: .read)
                : Unit(name: "lamp-\(index - count.read + 1)", address: address, kind: .updatable)
        }
    }

    /// The fleet file for `iot sim fleet`: one cohort a unit, so that each keeps its name and has a signal of its own.
    var fleetFile: String {
        let cohorts = units.enumerated().map { index, unit in
            var lines = [
                "  - name: \(unit.name)",
                "    count: 1",
                "    kind: \(unit.kind.rawValue)",
                "    addresses: \(unit.address)",
                "    profile: core-3.1",
                "    seed: \(index + 1)",
            ]
            if unit.kind == .read {
                lines.append("    signal: \(Self.signals[index % Self.signals.count])")
            }
            return lines.joined(separator: "\n")
        }
        return "cohorts:\n" + cohorts.joined(separator: "\n") + "\n"
    }

    private static let signals = ["sine:60s", "walk:20", "uniform", "sine:15s"]

    /// The configuration for `iot base`: the original file's keys, and those that point it at the hub.
    func baseConfiguration(hub: HubAddress, appKey: String, token: String) throws -> Data {
        let configuration = BaseConfiguration(
            clients: units.filter { $0.kind == .read }.map(\.address.description),
            api: .init(url: hub.url, token: token),
            pusher: .init(appKey: appKey, cluster: "local", host: hub.host, port: hub.port, tls: false),
            allow: units.map { "\($0.address)/32" })
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
        var allow: [String]
    }
}
