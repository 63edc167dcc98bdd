import Hummingbird
import UnitProtocol

/// Requests to updatable units: passed on to the base, which passes them on to the unit.
struct RequestRoutes {
    let dispatcher: RequestDispatcher

    private struct Answer: Encodable {
        let dispatched = true
        let id: DeviceRequest.ID
        let listeners: Int
        let recorded: Bool
        private enum CodingKeys: String, CodingKey { case dispatched, id, listeners, recorded }
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
        let dispatched = try await dispatcher.dispatch(command, to: id)
        return .json(
            Answer(id: dispatched.id, listeners: dispatched.listeners, recorded: dispatched.recorded), status: .accepted
        )
    }
}
