import Foundation
import NIOCore
import NIOSSL
import WebSocketClient

extension LivePlace {
    /// The place of a device at a hub.
    ///
    /// - Parameters:
    ///   - hub: `http://` or `https://`, a host, perhaps a port and a path before the hub's own. With `https` the certificate and the host's name are
    ///     verified by what the system trusts.
    ///   - token: An API token with the ability `device` or `base`, or a ticket to stream as the device.
    /// - Throws: ``LivePlaceError``.
    public init(hub: String, device: Int, token: String) throws(LivePlaceError) {
        guard let url = URL(string: hub), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = url.host(percentEncoded: false), !host.isEmpty, url.query == nil, url.fragment == nil,
            url.user == nil
        else { throw .badURL(hub) }
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !token.isEmpty else { throw .badToken }
        self.init(
            url: url, device: device, headers: [("Authorization", "Bearer \(token)")],
            secure: { channel, host in try Self.secure(channel, host) })
    }

    /// - Parameters:
    ///   - url: With `http` or `https`, perhaps a path before the hub's own.
    ///   - headers: That show who asks (`Authorization: Bearer …`).
    ///   - secure: Puts TLS into a connection to a host; called for `https`.
    public init(
        url: URL, device: Int, headers: [(name: String, value: String)],
        secure: @escaping @Sendable (any Channel, _ host: String) throws -> Void
    ) {
        let isSecure = url.scheme?.lowercased() == "https"
        let host = url.host(percentEncoded: false) ?? ""
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        var endpoint = WebSocketEndpoint(host: name, port: url.port ?? (isSecure ? 443 : 80), headers: headers)
        if isSecure { endpoint.secure = { channel in try secure(channel, name) } }
        let path = url.path()
        self.init(endpoint: endpoint, device: device, prefix: path.hasSuffix("/") ? String(path.dropLast()) : path)
    }

    private static func secure(_ channel: any Channel, _ host: String) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        // An address has no place in SNI; it is verified against the certificate's addresses all the same.
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(
                context: NIOSSLContext(configuration: configuration), serverHostname: isAddress ? nil : host))
    }
}

/// Why no place at a hub is described.
public enum LivePlaceError: Error, Equatable, Sendable, CustomStringConvertible {
    case badURL(String)
    case badToken

    public var description: String {
        switch self {
        case .badURL(let text):
            "\"\(text.prefix(200))\" is no hub's address; write it such as http://127.0.0.1:8080 or https://hub.example.org"
        case .badToken:
            "the token is empty or has characters that no token has; take it as iot hub token create or the hub's links print it"
        }
    }
}
