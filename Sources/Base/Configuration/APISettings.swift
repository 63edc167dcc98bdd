import Foundation
import Settings

/// `api`: the dashboard's HTTP interface.
public struct APISettings: Equatable, Sendable {
    /// Scheme, host, perhaps port and path; without a slash at the end, so that paths can be appended.
    public var url: String
    /// Sent as `Authorization: Bearer`.
    public var token: Secret

    init?(_ reader: SettingsReader?, _ warnings: inout [SettingsProblem]) {
        guard let reader else { return nil }
        defer { reader.finish() }
        let url = Self.readURL(reader, &warnings)
        let token = reader.string("token")
        if reader.node("token") == nil { reader.report("token", "is missing") }
        if let token, !Self.isHeaderSafe(token) {
            reader.report("token", "must be visible ASCII without spaces, as an HTTP header takes it")
            return nil
        }
        guard let url, let token else { return nil }
        self.url = url
        self.token = Secret(token)
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

    private static func isHeaderSafe(_ token: String) -> Bool {
        !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
