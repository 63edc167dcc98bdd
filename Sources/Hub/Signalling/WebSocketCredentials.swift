import NIOHTTP1

/// What a WebSocket's request shows beside its target: a token, or the cookie of a session, where it comes from one of the
/// hub's pages.
struct WebSocketCredentials: Equatable, Sendable {
    /// From `Authorization: Bearer TOKEN`, which stands in no log of a proxy.
    var token: String?
    var session: String?

    init(token: String? = nil, session: String? = nil) {
        self.token = token
        self.session = session
    }

    /// A browser sends the cookie along whatever page asks, so that a page of another origin is not taken for the user.
    init(_ headers: HTTPHeaders) {
        let authorization = headers.first(name: "Authorization")?.split(separator: " ", maxSplits: 1) ?? []
        if authorization.count == 2, authorization[0].lowercased() == "bearer" { token = String(authorization[1]) }
        guard CrossSiteRule.isOwn(origin: headers.first(name: "Origin"), authority: headers.first(name: "Host")) else {
            return
        }
        let prefix = "\(Authentication.cookieName)="
        let pairs = headers["Cookie"].joined(separator: ";").split(separator: ";").map { $0.drop { $0 == " " } }
        session = pairs.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}
