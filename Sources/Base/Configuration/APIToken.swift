import Settings

/// Where the token may stand, in the order of precedence. Where it stands in several places it must be the same in all.
enum APIToken {
    static let variable = "IOT_API_TOKEN"
    static let credential = "api-token"

    /// Reads `api.token` and `api.token-file`, and what the environment has.
    ///
    /// - Returns: Nil where there is none that can be used, which is reported then.
    static func read(
        _ reader: SettingsReader, _ sources: SecretSources, _ warnings: inout [SettingsProblem]
    ) -> (token: Secret, place: String)? {
        var found: [(place: String, text: String)] = []
        let isWritten = reader.node("token") != nil
        if let text = reader.string("token") { found.append(("api.token", text)) }
        let file = reader.string("token-file")
        if let file {
            found += fileToken("api.token-file", sources.path(file), reader, sources, &warnings)
        }
        if let path = sources.credential(credential) {
            found += fileToken("the credential \(credential)", path, reader, sources, &warnings)
        }
        if let text = sources.variable(variable) { found.append((variable, text)) }
        guard let first = found.first else {
            if !isWritten, file == nil {
                reader.report(
                    "token", "is missing; write it, or name its file as api.token-file, or set \(variable)")
            }
            return nil
        }
        for other in found.dropFirst() where other.text != first.text {
            reader.report("token", "is another one in \(first.place) than in \(other.place); keep one of them")
            return nil
        }
        guard isHeaderSafe(first.text) else {
            let place = first.place == "api.token" ? "" : " in \(first.place)"
            reader.report("token", "must be visible ASCII without spaces\(place), as an HTTP header takes it")
            return nil
        }
        return (Secret(first.text), first.place)
    }

    /// What stands in a file, without the line end behind it.
    private static func fileToken(
        _ place: String, _ path: String, _ reader: SettingsReader, _ sources: SecretSources,
        _ warnings: inout [SettingsProblem]
    ) -> [(place: String, text: String)] {
        // A configuration by itself reads no file: that it names one is enough.
        guard sources.folder != nil else { return [(place, "unread")] }
        do {
            let file = try SecretFile(path)
            if let mode = file.openMode {
                warnings.append(SettingsProblem(path: place, message: SecretFile.openWarning(path, mode)))
            }
            var text = Substring(decoding: file.bytes, as: UTF8.self)
            while let last = text.last, last.isNewline { text.removeLast() }
            return [(place, String(text))]
        } catch {
            reader.report("token-file", "cannot be read: \(path): \(error)")
            return []
        }
    }

    private static func isHeaderSafe(_ token: String) -> Bool {
        !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
