import Hummingbird

/// API tokens: made, listed, revoked.
struct TokenRoutes {
    let store: Store
    let verifier: TokenVerifier
    let now: @Sendable () -> Timestamp

    private struct Answer: Encodable {
        let id: Int64
        let name: String
        let ability: Ability
        let token: String
    }

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/tokens") { request, context in
            try context.require(.admin)
            return .json(["tokens": try await store.tokens()])
        }
        table.on(.post, "/api/tokens", create)
        table.on(.delete, "/api/tokens/{id}", revoke)
    }

    @Sendable private func create(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.admin)
        let (name, ability) = try await request.fields { reader in
            for key in ["name", "ability"] where reader.node(key) == nil {
                reader.report(key, "is missing")
            }
            return (reader.name("name"), reader.choice("ability", of: Ability.self))
        }
        guard let name, let ability else { throw APIError.failed }
        let secret = try await store.addToken(name: name, ability: ability, at: now())
        return .json(
            Answer(id: secret.id, name: name, ability: ability, token: secret.text), status: .created)
    }

    @Sendable private func revoke(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        try context.require(.admin)
        let id = try context.id(orThrow: .unknownToken)
        guard try await store.deleteToken(id) else { throw APIError.unknownToken }
        await verifier.forget(id)
        return .noContent
    }
}
