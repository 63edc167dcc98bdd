import Settings

/// A key whose value is secret, and where else than in the configuration it may stand, in the order of precedence: there, in
/// a file that `KEY-file` names, in systemd's credentials, in the environment. Where it stands in several places it must be
/// the same in all.
struct SecretKey: Sendable {
    enum Finding: Equatable, Sendable {
        /// With the place that comes first: `api.token`, `IOT_API_TOKEN`.
        case found(Secret, place: String)
        case missing
        /// There is one that is of no use, which has been reported.
        case unusable
    }

    let key: String
    /// The name of systemd's credential.
    let credential: String
    let variable: String

    static let apiToken = SecretKey(key: "token", credential: "api-token", variable: "IOT_API_TOKEN")
    static let etcdPassword = SecretKey(key: "password", credential: "etcd-password", variable: "IOT_ETCD_PASSWORD")

    private var fileKey: String { "\(key)-file" }

    /// What to do where it is missing. A credential is there for the service alone, so that a check by hand cannot see it.
    func remedy(_ reader: SettingsReader) -> String {
        "write it, or name its file as \(reader.path).\(fileKey), or set \(variable); where it is systemd's credential "
            + "\(credential), the service alone has it, and `iot base check --without-secrets` checks the rest"
    }

    /// Looks at all places.
    ///
    /// - Parameter reader: The section that has the key.
    func read(_ reader: SettingsReader, _ sources: SecretSources, _ warnings: inout [SettingsProblem]) -> Finding {
        var found: [(place: String, text: String)] = []
        var isWritten = reader.node(key) != nil
        let text = reader.string(key)
        // An empty one holds the place of one that stands elsewhere.
        if let text, text.isEmpty { isWritten = false }
        if let text, !text.isEmpty { found.append(("\(reader.path).\(key)", text)) }
        let file = reader.string(fileKey)
        if let file {
            found += content("\(reader.path).\(fileKey)", sources.path(file), reader, sources, &warnings)
        }
        if let path = sources.credential(credential) {
            found += content("the credential \(credential)", path, reader, sources, &warnings)
        }
        if let text = sources.variable(variable) { found.append((variable, text)) }
        guard let first = found.first else {
            if isWritten || file != nil { return .unusable }
            return sources.mayLack ? .found(Secret("unread"), place: "elsewhere") : .missing
        }
        for other in found.dropFirst() where other.text != first.text {
            reader.report(key, "is another one in \(first.place) than in \(other.place); keep one of them")
            return .unusable
        }
        return .found(Secret(first.text), place: first.place)
    }

    /// What stands in a file, without the line end behind it.
    private func content(
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
            reader.report(fileKey, "cannot be read: \(path): \(error)")
            return []
        }
    }
}
