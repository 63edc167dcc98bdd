import ArgumentParser
import Files
import Foundation
import Settings

/// `--config`: where the configuration is read from.
struct ConfigurationOption: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The configuration; docs/base.md, and the manual page iot-base-config, explain each key.", valueName: "file"
        ),
        completion: .file(extensions: ["json"]))
    var path = Self.usual

    private static let usual = "config.json"

    /// The largest file that is read, in bytes: 100 000 units, each in a line of its own, take less than 3 MiB.
    private static let sizeLimit = 4 << 20

    /// - Parameter mayLackSecrets: Whether secrets that are not found are taken to be where this process cannot look.
    /// - Throws: ``ConfigurationFileError``, or `SettingsError` with all that is wrong inside.
    func read(mayLackSecrets: Bool = false) throws -> Configuration {
        try Self.read(path, mayLackSecrets: mayLackSecrets)
    }

    static func read(_ path: String, mayLackSecrets: Bool = false) throws -> Configuration {
        let text = try text(of: path)
        return try SettingsError.naming(path) {
            var sources = SecretSources.process(for: path)
            sources.mayLack = mayLackSecrets
            var configuration = try Configuration(json: text, sources: sources)
            var written: [String] = []
            if configuration.api.tokenPlace == "api.token" { written.append("api.token") }
            if configuration.cluster?.passwordPlace == "cluster.password" { written.append("cluster.password") }
            if !written.isEmpty, let mode = SecretFile.openMode(of: path) {
                configuration.warnings += written.map {
                    SettingsProblem(path: $0, message: SecretFile.openWarning(path, mode))
                }
            }
            return configuration
        }
    }

    /// The section `operations` alone: whoever asks how a base fares need not have its secrets.
    ///
    /// - Parameter path: Nil: the usual file where it is there, else the usual settings.
    static func operations(_ path: String?) throws -> OperationsSettings {
        let place = path ?? usual
        guard path != nil || FileManager.default.fileExists(atPath: place) else { return OperationsSettings() }
        let text = try text(of: place)
        return try SettingsError.naming(place) {
            let document = SettingsReader(document: try SettingsNode(json: text))
            let settings = OperationsSettings(document.map("operations"))
            try document.throwIfProblems()
            return settings
        }
    }

    private static func text(of path: String) throws -> String {
        let data: Data
        do {
            data = try RegularFile.bytes(of: path, atMost: sizeLimit)
        } catch {
            throw ConfigurationFileError.unreadable(path, error)
        }
        guard let text = String(data: data, encoding: .utf8) else { throw ConfigurationFileError.notUTF8(path) }
        return text
    }
}

enum ConfigurationFileError: Error, Equatable, CustomStringConvertible {
    case unreadable(String, RegularFileError)
    case notUTF8(String)

    var description: String {
        switch self {
        case .unreadable(let path, .tooLarge(let limit)):
            "\(path) is larger than \(limit >> 20) MiB, more than any configuration needs; name another file with --config"
        case .unreadable(let path, let reason): "cannot read \(path): \(reason); name another file with --config"
        case .notUTF8(let path): "\(path) is not UTF-8 text"
        }
    }
}
