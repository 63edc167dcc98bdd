import Foundation
import Hummingbird
import Settings
import UnitProtocol

/// The devices and their order on the dashboard.
struct DeviceRoutes {
    let store: Store
    let events: LiveEvents

    private struct Answer: Encodable { let device: Device }

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/devices", list)
        table.on(.post, "/api/devices", create)
        table.on(.get, "/api/devices/{id}", show)
        table.on(.patch, "/api/devices/{id}", change)
        table.on(.delete, "/api/devices/{id}", delete)
        table.on(.put, "/api/blocks", order)
    }

    @Sendable private func list(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.read)
        return .json(["devices": try await store.devices()])
    }

    @Sendable private func show(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.read)
        let id = try context.id(orThrow: .unknownDevice)
        guard let device = try await store.device(id) else { throw APIError.unknownDevice }
        return .json(Answer(device: device))
    }

    @Sendable private func create(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.admin)
        let fields = try await request.fields { reader in
            (
                change: Self.change(reader), kind: reader.choice("kind", of: Device.Kind.self),
                missing: ["name", "kind", "address"].filter { key in
                    guard reader.node(key) == nil else { return false }
                    reader.report(key, "is missing")
                    return true
                }
            )
        }
        guard let name = fields.change.name, let kind = fields.kind, let address = fields.change.address else {
            throw APIError.failed
        }
        let device = try await refusingConflicts {
            try await store.addDevice(
                uuid: UUID(), name: name, kind: kind, address: address, active: fields.change.active ?? true)
        }
        await events.changed(device)
        return .json(Answer(device: device), status: .created)
    }

    @Sendable private func change(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.admin)
        let id = try context.id(orThrow: .unknownDevice)
        let change = try await request.fields(Self.change)
        let device = try await refusingConflicts { try await store.changeDevice(id, change) }
        guard let device else { throw APIError.unknownDevice }
        await events.changed(device)
        return .json(Answer(device: device))
    }

    @Sendable private func delete(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.admin)
        let id = try context.id(orThrow: .unknownDevice)
        guard try await store.deleteDevice(id) else { throw APIError.unknownDevice }
        await events.deleted(id)
        return .noContent
    }

    @Sendable private func order(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.admin)
        let order = try await request.fields { reader in
            guard let elements = reader.list("order", maximumCount: 10_000) else {
                if reader.problems.isEmpty { reader.report("order", "is missing") }
                return [Int64]()
            }
            var seen: Set<Int64> = []
            return elements.compactMap { element in
                guard case .integer(let number) = element.node else {
                    element.report("must be the id of a device, not \(element.node.kind)")
                    return nil
                }
                guard seen.insert(Int64(number)).inserted else {
                    element.report("names device \(number) a second time")
                    return nil
                }
                return Int64(number)
            }
        }
        do {
            let complete = try await store.setOrder(order)
            await events.ordered(complete)
            return .json(["order": complete])
        } catch OrderProblem.unknownDevices(let ids) {
            throw APIError.invalid("order: there is no device \(ids.map(String.init).joined(separator: ", "))")
        }
    }

    private static func change(_ reader: SettingsReader) -> DeviceChange {
        DeviceChange(
            name: reader.name("name"), address: reader.parsed("address") { try IPv4Address($0) },
            active: reader.bool("active"))
    }

    private func refusingConflicts<Value>(_ write: () async throws -> Value) async throws -> Value {
        do {
            return try await write()
        } catch DeviceConflict.addressTaken(let address) {
            throw APIError.addressTaken("\(address)")
        }
    }
}
