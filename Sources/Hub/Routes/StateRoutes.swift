import Hummingbird

/// What was measured: the history of a device, and what is known of the base.
struct StateRoutes {
    static let defaultLimit = 500

    let store: Store
    let base: BaseLink

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/devices/{id}/states", states)
        table.on(.get, "/api/base") { request, context in
            try context.require(.read)
            return .json(await base.state)
        }
    }

    @Sendable private func states(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.read)
        let id = try context.id(orThrow: .unknownDevice)
        let from = try time("from", request)
        let to = try time("to", request)
        let limit = try limit(request)
        guard try await store.device(id) != nil else { throw APIError.unknownDevice }
        return .json(["states": try await store.states(of: id, from: from, to: to, limit: limit)])
    }

    private func time(_ name: Substring, _ request: Request) throws -> Timestamp? {
        guard let text = request.uri.queryParameters[name] else { return nil }
        guard let time = Timestamp(String(text)) else {
            throw APIError.invalid("\(name): must be a time such as 2026-01-31T12:00:00.000Z")
        }
        return time
    }

    private func limit(_ request: Request) throws -> Int {
        guard let text = request.uri.queryParameters["limit"] else { return Self.defaultLimit }
        guard let limit = Int(text), (1...Store.maximumStates).contains(limit) else {
            throw APIError.invalid("limit: must be a whole number from 1 to \(Store.maximumStates)")
        }
        return limit
    }
}
