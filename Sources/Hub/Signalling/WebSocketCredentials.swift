import NIOHTTP1

/// What a WebSocket's request shows beside its target: the cookie of a session, where it comes from one of the hub's pages.
struct WebSocketCredentials: Equatable, Sendable {
    let session: String?

    init(session: String?) {
        self.session = session
    }

    /// A browser sends the cookie along whatever page asks, so that a page of another origin is not taken for the user.
    init(_ headers: HTTPHeaders) {
        let isOwn = CrossSiteRule.isOwn(origin: headers.first(name: "Origin"), authority: headers.first(name: "Host"))
        let prefix = "\(Authentication.cookieName)="
        let pairs = headers["Cookie"].joined(separator: ";").split(separator: ";").map { $0.drop { $0 == " " } }
        let own = isOwn ? pairs.first { $0.hasPrefix(prefix) } : nil
        session = own.map { String($0.dropFirst(prefix.count)) }
    }
}
