import Settings

/// `api.token`, which goes into an HTTP header.
enum APIToken {
    /// - Returns: Nil where there is none that can be used, which is reported then.
    static func read(
        _ reader: SettingsReader, _ sources: SecretSources, _ warnings: inout [SettingsProblem]
    ) -> (token: Secret, place: String)? {
        let key = SecretKey.apiToken
        switch key.read(reader, sources, &warnings) {
        case .found(let token, let place):
            guard isHeaderSafe(token.exposed) else {
                let origin = place == "api.token" ? "" : " in \(place)"
                reader.report("token", "must be visible ASCII without spaces\(origin), as an HTTP header takes it")
                return nil
            }
            return (token, place)
        case .missing:
            reader.report("token", "is missing; \(key.remedy(reader))")
            return nil
        case .unusable: return nil
        }
    }

    private static func isHeaderSafe(_ token: String) -> Bool {
        !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
