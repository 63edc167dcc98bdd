import Settings

/// `pusher`: the broker that requests come from.
public struct PusherSettings: Equatable, Sendable {
    public static let defaultAuthPath = "/api/broadcasting/auth"

    public var appKey: String
    /// Appended to `api.url`; answers with the authorization of a private channel.
    public var authPath: String
    /// `ws-{cluster}.pusher.com` unless `pusher.host` names another.
    public var host: String
    public var port: Int
    /// wss, with the host name verified; else ws.
    public var tls: Bool
    public var trust: TLSSettings
    /// Whether requests come end-to-end encrypted.
    public var encryption: RequestEncryption

    init?(_ reader: SettingsReader?, _ sources: SecretSources, _ warnings: inout [SettingsProblem]) {
        guard let reader else { return nil }
        defer { reader.finish() }
        let key = Self.word("app-key", reader, pattern: "letters, digits, - and _")
        let cluster = Self.word("cluster", reader, pattern: "a name such as eu")
        let host = Self.host(reader)
        let port = reader.integer("port", in: 1...65535)
        let (tls, trust) = Self.readTLS(reader, sources, &warnings)
        encryption = reader.choice("encryption", of: RequestEncryption.self) ?? .off
        let auth = reader.string("auth") ?? Self.defaultAuthPath
        if reader.node("app-key") == nil { reader.report("app-key", "is missing") }
        if reader.node("host") == nil, reader.node("cluster") == nil {
            reader.report("cluster", "is missing; write the app's cluster, or pusher.host")
        }
        if !auth.hasPrefix("/") || !auth.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            reader.report("auth", "must be a path that begins with a slash, such as \(Self.defaultAuthPath)")
        }
        guard let key, let name = host ?? cluster.map({ "ws-\($0).pusher.com" }) else { return nil }
        self.appKey = key
        self.authPath = auth
        self.host = name
        self.trust = trust
        self.tls = tls ?? !LoopbackHost.matches(name)
        self.port = port ?? (self.tls ? 443 : 80)
        if !self.tls, !LoopbackHost.matches(name) {
            warnings.append(
                SettingsProblem(path: "pusher.tls", message: "is off: requests cross the network in clear"))
        }
    }

    /// True, false, or a map that says whom to trust, which is true as well.
    private static func readTLS(
        _ reader: SettingsReader, _ sources: SecretSources, _ warnings: inout [SettingsProblem]
    ) -> (Bool?, TLSSettings) {
        guard case .map = reader.node("tls") else { return (reader.bool("tls"), TLSSettings()) }
        return (true, reader.map("tls").map { TLSSettings($0, sources, &warnings) } ?? TLSSettings())
    }

    private static func word(_ key: String, _ reader: SettingsReader, pattern: String) -> String? {
        guard let text = reader.string(key, maximumLength: 200) else { return nil }
        let isWord =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
        guard isWord else {
            reader.report(key, "must be \(pattern)")
            return nil
        }
        return text
    }

    private static func host(_ reader: SettingsReader) -> String? {
        guard let text = reader.string("host", maximumLength: 253) else { return nil }
        do {
            return try BrokerHost(text).text
        } catch {
            reader.report("host", error.description)
            return nil
        }
    }
}
