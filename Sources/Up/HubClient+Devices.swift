import Foundation

extension HubClient {
    private struct Devices: Decodable {
        struct Device: Decodable {
            var id: Int64
            var address: String
            var kind: String
        }
        var devices: [Device]
    }

    private struct NewDevice: Encodable {
        var name: String
        var kind: String
        var address: String
    }

    /// Sees to it that the hub has a device for each unit: it adds those that are missing, and replaces those at whose
    /// address a unit of another kind was before. The others stay as the user has them.
    func provideDevices(for units: [SystemPlan.Unit]) async throws {
        let answer = try await send(.GET, "/api/devices")
        try Self.check(answer, "list the devices")
        let known = Dictionary(
            try JSONDecoder().decode(Devices.self, from: answer.body).devices.map { ($0.address, $0) },
            uniquingKeysWith: { first, _ in first })
        for unit in units {
            if let device = known[unit.address.description] {
                guard device.kind != unit.kind.rawValue else { continue }
                try Self.check(
                    try await send(.DELETE, "/api/devices/\(device.id)"), "delete the device at \(device.address)")
            }
            try await add(unit)
        }
    }

    private func add(_ unit: SystemPlan.Unit) async throws {
        let device = NewDevice(name: unit.name, kind: unit.kind.rawValue, address: unit.address.description)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try Self.check(
            try await send(.POST, "/api/devices", body: try encoder.encode(device)), "add the device \(unit.name)")
    }
}
