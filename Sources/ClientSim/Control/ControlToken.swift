import Files
import Foundation
import Glibc

/// The secret of the control endpoint, in a file that only its owner reads.
enum ControlToken {
    private static let longest = 4096

    /// The token in a file; where there is no file, a new one of mode 0600 with a random token.
    ///
    /// - Throws: ``FleetError/badToken(path:reason:)``.
    static func read(_ path: String) throws -> String {
        let made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if made >= 0 {
            let token = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
            let handle = FileHandle(fileDescriptor: made, closeOnDealloc: true)
            do {
                try handle.write(contentsOf: Data((token + "\n").utf8))
            } catch {
                unlink(path)
                throw FleetError.cannotWrite(path: path, reason: error.reason)
            }
            return token
        }
        let data: Data
        do {
            data = try RegularFile.bytes(of: path, atMost: longest)
        } catch {
            throw FleetError.badToken(path: path, reason: "cannot be read: \(error)")
        }
        let token = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard token.utf8.count >= 16 else {
            throw FleetError.badToken(path: path, reason: "has a token of less than 16 characters")
        }
        return token
    }

    /// Whether others than its owner may read or replace the file.
    static func isExposed(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o066 != 0
    }
}
