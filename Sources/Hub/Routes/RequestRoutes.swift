import Hummingbird
import UnitProtocol

/// Requests to updatable units: passed on to the base, which passes them on to the unit.
struct RequestRoutes {
    let store: Store
    let writer: MeasurementWriter
    let broker: any EventBroker
    let events: LiveEvents
    /// One request after the other, so that the state that is kept last is that which was sent last.
    let turns = AdmissionGate(places: 1, waitingLimit: 500)
    let now: @Sendable () -> Timestamp

    private struct Answer: Encodable {
        let dispatched = true
        let listeners: Int
        private enum CodingKeys: String, CodingKey { case dispatched, listeners }
    }

    func add(to table: inout RouteTable) {
        table.on(.post, "/api/devices/{id}/requests", dispatch)
    }

    @Sendable private func dispatch(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.admin)
        let id = try context.id(orThrow: .unknownDevice)
        let payload = try await request.fields { $0.required("payload", maximumLength: .max) }
        let command: Command
        do {
            command = try Command(payload: payload)
        } catch {
            throw APIError.invalid("payload: \(error)")
        }
        let listeners = try await turns.run { try await send(command, to: id) }
        return .json(Answer(listeners: listeners), status: .accepted)
    }

    /// - Returns: How many bases were told.
    private func send(_ command: Command, to id: Int64) async throws -> Int {
        guard let device = try await store.device(id) else { throw APIError.unknownDevice }
        guard device.kind == .updatable else { throw APIError.notUpdatable }
        guard device.active else { throw APIError.inactiveDevice }
        let data = LiveEvents.json(["ip": "\(device.address)", "payload": command.payload])
        let listeners = await broker.publish("update.request", data: data, on: HubChannel.requests)
        guard listeners > 0 else { throw APIError.noBase }
        let state = Device.State(value: command.payload, at: now())
        if case .recorded = try await writer.record(state, for: .device(id)) {
            await events.recorded(state, of: id)
        }
        return listeners
    }
}
