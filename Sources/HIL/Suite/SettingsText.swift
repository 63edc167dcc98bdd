import Files
import Settings

/// The text of a suite's or a rig's file.
enum SettingsText {
    private static let mostBytes = 1024 * 1024

    /// - Throws: ``SettingsError`` naming the file, where it is no regular file, is too large, or is no text.
    static func of(_ path: String) throws -> String {
        do {
            let data = try RegularFile.bytes(of: path, atMost: mostBytes)
            guard let text = String(data: data, encoding: .utf8) else { throw HILError.notText }
            return text
        } catch {
            throw SettingsError(problems: [SettingsProblem(path: "", message: "cannot be read: \(error)")], file: path)
        }
    }
}
