import Files
import Foundation

/// What a configuration may draw on beside its own text: the environment, and files whose paths it names.
public struct SecretSources: Sendable {
    /// Where the paths of the configuration begin that are not absolute; nil: no file is read.
    var folder: String?
    var environment: [String: String]
    /// Whether a secret that stands nowhere counts as one that stands where this process cannot look.
    var mayLack = false

    /// Nothing: a configuration by itself.
    public static let none = SecretSources(folder: nil, environment: [:])

    /// What this process has, for a configuration that stands in `file`.
    public static func process(for file: String) -> SecretSources {
        SecretSources(
            folder: URL(filePath: file).absoluteURL.deletingLastPathComponent().path,
            environment: ProcessInfo.processInfo.environment)
    }

    func path(_ written: String) -> String {
        guard let folder, !written.hasPrefix("/") else { return written }
        return "\(folder)/\(written)"
    }

    /// The value of a variable; nil where it is missing or empty.
    func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// systemd's credential of that name (systemd.exec(5), LoadCredential=): its path where it is there.
    func credential(_ name: String) -> String? {
        guard let folder = variable("CREDENTIALS_DIRECTORY") else { return nil }
        let path = "\(folder)/\(name)"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}

/// A small file that holds a secret, or what goes with one.
struct SecretFile {
    var bytes: Data
    /// Its permissions, where everybody may read it.
    var openMode: String?

    private static let limit = 1 << 20

    /// - Throws: `RegularFileError`.
    init(_ path: String) throws(RegularFileError) {
        bytes = try RegularFile.bytes(of: path, atMost: Self.limit)
        openMode = Self.openMode(of: path)
    }

    /// The permissions of a file that everybody may read, such as `644`; nil for another.
    static func openMode(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o004 != 0 else { return nil }
        return String(status.st_mode & 0o777, radix: 8)
    }

    static func openWarning(_ path: String, _ mode: String) -> String {
        "may be read by everybody on this machine (\(path) has mode \(mode)); chmod 600 changes that"
    }
}
