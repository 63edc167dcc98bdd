import Foundation

/// Where a plain HTTP server is, and under which path it answers.
struct PlainOrigin: Equatable, Sendable {
    /// A name or an address; an IPv6 one without brackets.
    var host: String
    /// From 1 to 65535.
    var port: Int
    /// Percent-encoded, without a slash at its end; empty for the root.
    var path: String

    /// - Parameter url: As ``APISettings/url``.
    /// - Returns: Nil where the address is not one of plain HTTP.
    init?(_ url: String) {
        guard let parts = URLComponents(string: url), parts.scheme?.lowercased() == "http",
            let host = parts.encodedHost, !host.isEmpty, (1...65535).contains(parts.port ?? 80)
        else { return nil }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? 80
        path = parts.percentEncodedPath
    }

    /// The value of the header `Host` (RFC 9110, section 7.2).
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 80 ? name : "\(name):\(port)"
    }
}
