import Hummingbird

/// Finds out who sends a request: by `Authorization: Bearer`, else by the cookie of a session.
struct Authentication: RouterMiddleware {
    typealias Context = HubRequestContext

    static let cookieName = "iot_session"

    let accounts: Accounts
    let tokens: TokenVerifier

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let authorization = request.headers[.authorization] {
            context.caller = try await caller(authorization: authorization)
            context.tokenRefused = context.caller == nil
        } else if let cookie = request.cookies[Self.cookieName] {
            context.caller = try await accounts.caller(withSession: cookie.value)
            let isSafe = request.method == .get || request.method == .head
            if context.caller != nil, !isSafe { try CrossSiteRule.check(request) }
        }
        return try await next(request, context)
    }

    private func caller(authorization: String) async throws -> Caller? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return try await tokens.caller(bearing: String(parts[1]))
    }
}
