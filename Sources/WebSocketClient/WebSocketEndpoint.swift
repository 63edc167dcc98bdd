import NIOCore
import NIOHTTP1

/// A server that speaks WebSocket, and how it is shown who asks.
public struct WebSocketEndpoint: Sendable {
    /// A name or an address, IPv6 ones without brackets.
    public var host: String
    public var port: Int
    /// Puts TLS into a new connection; nil for none.
    public var secure: (@Sendable (any Channel) throws -> Void)?
    /// Beside those that the protocol asks for, such as `Authorization`.
    public var headers: [(name: String, value: String)]

    public init(
        host: String, port: Int, headers: [(name: String, value: String)] = [],
        secure: (@Sendable (any Channel) throws -> Void)? = nil
    ) {
        self.host = host
        self.port = port
        self.headers = headers
        self.secure = secure
    }

    var requestHeaders: HTTPHeaders {
        // As it stands in an HTTP request: an IPv6 address has brackets there (RFC 3986, section 3.2.2).
        let name = host.contains(":") ? "[\(host)]" : host
        let isUsualPort = port == (secure == nil ? 80 : 443)
        return HTTPHeaders(
            [("Host", isUsualPort ? name : "\(name):\(port)"), ("Content-Length", "0")] + headers.map { ($0, $1) })
    }
}
