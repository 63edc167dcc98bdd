import Foundation
import Settings

/// `api`: the dashboard's HTTP interface.
public struct APISettings: Equatable, Sendable {
    /// Scheme, host, perhaps port and path; without a slash at the end, so that paths can be appended.
    public var url: String
    /// Sent as `Authorization: Bearer`.
    public var token: Secret
    /// Where the token was found first: `api.token`, `IOT_API_TOKEN`.
    var tokenPlace: String
    public var tls: TLSSettings

    init?(_ reader: SettingsReader?, _ sources: SecretSources, _ warnings: inout [SettingsProblem]) {
        guard let reader else { return nil }
        defer { reader.finish() }
        let url = Self.readURL(reader, &warnings)
        let token = APIToken.read(reader, sources, &warnings)
        let tls = reader.map("tls").map { TLSSettings($0, sources, &warnings) }
        if tls != nil, let url, !url.lowercased().hasPrefix("https:") {
            reader.report("tls", "is for an https address; api.url is none")
        }
        guard let url, let token else { return nil }
        self.url = url
        self.token = token.token
        tokenPlace = token.place
        self.tls = tls ?? TLSSettings()
    }

    private static func readURL(_ reader: SettingsReader, _ warnings: inout [SettingsProblem]) -> String? {
        guard reader.node("url") != nil else {
            reader.report("url", "is missing; write one such as https://dashboard.example.org")
            return nil
        }
        guard var text = reader.string("url") else { return nil }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty
        else {
            reader.report("url", "must be an http or https address such as https://dashboard.example.org")
            return nil
        }
        guard parts.port.map((1...65_535).contains) ?? true else {
            reader.report("url", "has no port from 1 to 65535")
            return nil
        }
        guard parts.query == nil, parts.fragment == nil, parts.user == nil, parts.password == nil else {
            reader.report("url", "must have no user, query or fragment; the token stands in api.token")
            return nil
        }
        if text.hasSuffix("/") {
            while text.hasSuffix("/") { text.removeLast() }
            warnings.append(SettingsProblem(path: "api.url", message: "ends with a slash; it is read without"))
        }
        if scheme == "http", !LoopbackHost.matches(host) {
            warnings.append(
                SettingsProblem(
                    path: "api.url", message: "is not encrypted: the token crosses the network in clear; use https"))
        }
        return text
    }
}
