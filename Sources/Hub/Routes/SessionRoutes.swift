import Hummingbird

/// Login, logout, and what a page must know after it.
struct SessionRoutes {
    let accounts: Accounts
    let credentials: HubCredentials
    /// Whether ``PageAssets`` found a chart library.
    let hasChart: Bool

    func add(to table: inout RouteTable) {
        table.on(.post, "/api/login", logIn)
        table.on(.post, "/api/logout", logOut)
        table.on(.get, "/api/session", session)
    }

    @Sendable private func logIn(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        struct Answer: Encodable { let user: String }
        try CrossSiteRule.check(request)
        let (name, password) = try await request.fields { reader in
            (
                reader.required("user", maximumLength: Accounts.maximumNameBytes),
                reader.required("password", maximumLength: Accounts.maximumPasswordBytes)
            )
        }
        let (user, secret) = try await accounts.logIn(
            user: name, password: password, from: context.remoteAddress ?? "unknown")
        var response = Response.json(Answer(user: user.name))
        let lifetime = Int(Accounts.sessionLifetime / .seconds(1))
        response.setCookie(cookie(secret.text, maxAge: lifetime))
        return response
    }

    @Sendable private func logOut(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        guard case .user(_, let session) = context.caller else { throw APIError.notLoggedIn }
        try await accounts.logOut(session: session)
        var response = Response.noContent
        response.setCookie(cookie("", maxAge: 0))
        return response
    }

    @Sendable private func session(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        struct Answer: Encodable {
            struct App: Encodable { let key: String }
            let user: String?
            let app: App
            let channel = HubChannel.dashboard
            let chart: Bool

            private enum CodingKeys: String, CodingKey { case user, app, channel, chart }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(user, forKey: .user)
                try container.encode(app, forKey: .app)
                try container.encode(channel, forKey: .channel)
                try container.encode(chart, forKey: .chart)
            }
        }
        var name: String?
        if case .user(let user, _) = try context.require(.read) { name = user.name }
        return .json(Answer(user: name, app: .init(key: credentials.key), chart: hasChart))
    }

    /// Not `Secure`: the hub speaks plain HTTP on loopback. A proxy in front that speaks TLS may add it.
    private func cookie(_ value: String, maxAge: Int) -> Cookie {
        Cookie(
            name: Authentication.cookieName, value: value, maxAge: maxAge, path: "/", httpOnly: true,
            sameSite: .strict)
    }
}
