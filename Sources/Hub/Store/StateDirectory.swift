import Foundation
import Files

/// The folder that holds all that the hub keeps. Only its owner may write in it, and read its files (0600 each).
struct StateDirectory: Sendable {
    let url: URL

    var database: URL { url.appending(path: "hub.sqlite") }
    var credentials: URL { url.appending(path: "app.json") }
    var lockFile: URL { url.appending(path: "lock") }

    /// Makes the folder where it is missing; one that exists is left as it is, and refused where others may write in it.
    ///
    /// - Throws: ``HubError/stateDirectory(path:reason:)``.
    static func create(at path: String) throws -> StateDirectory {
        let directory = StateDirectory(url: URL(filePath: path, directoryHint: .isDirectory))
        do {
            try PrivateFolder.prepare(directory.url)
        } catch {
            throw HubError.stateDirectory(path: path, reason: "\(error)")
        }
        return directory
    }

    /// The folder of a hub that has been started before.
    ///
    /// - Throws: ``HubError/noState(path:)`` when there is no database in it.
    static func existing(at path: String) throws -> StateDirectory {
        let directory = StateDirectory(url: URL(filePath: path, directoryHint: .isDirectory))
        guard FileManager.default.fileExists(atPath: directory.database.path) else {
            throw HubError.noState(path: path)
        }
        return directory
    }

    /// Makes a file that only the owner can read before anything is written to it; one that exists is only closed to
    /// others.
    func makePrivate(_ file: URL) throws {
        let descriptor = open(file.path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw HubError.stateDirectory(path: url.path, reason: "\(file.lastPathComponent): \(systemError())")
        }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else {
            throw HubError.stateDirectory(path: url.path, reason: "\(file.lastPathComponent): \(systemError())")
        }
    }

    /// Takes the folder for this process alone.
    ///
    /// - Throws: ``HubError/stateInUse(path:holder:)`` when another hub has it.
    func lock() throws -> StateLock {
        try makePrivate(lockFile)
        return try StateLock(file: lockFile, directory: url.path)
    }
}

/// What the system says of the last call that failed.
func systemError() -> String {
    String(cString: strerror(errno))
}
