import Foundation
import Glibc

/// A folder for files that nobody else may replace.
public enum PrivateFolder {
    /// Makes the folder for its owner alone (0700) where it is missing, with those above it.
    ///
    /// One that exists is left as it is. It must belong to this user, and nobody else may write in it: whoever may can put
    /// a file or a link in the place of ours. That others may look inside does not matter where each file is 0600.
    ///
    /// - Throws: ``PrivateFolderError``.
    public static func prepare(_ folder: URL) throws(PrivateFolderError) {
        do {
            try FileManager.default.createDirectory(
                at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw .cannotMake(reason: error.localizedDescription)
        }
        if mkdir(folder.path, 0o700) == 0 { return }
        guard errno == EEXIST else { throw .cannotMake(reason: String(cString: strerror(errno))) }
        try check(folder)
    }

    private static func check(_ folder: URL) throws(PrivateFolderError) {
        var status = stat()
        guard stat(folder.path, &status) == 0 else { throw .cannotMake(reason: String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .noFolder }
        guard status.st_uid == geteuid() else { throw .belongsToAnother(user: status.st_uid) }
        guard status.st_mode & 0o022 == 0 else { throw .openToOthers(mode: status.st_mode & 0o7777) }
    }
}

/// Why a folder is not used. The description is the end of a sentence that names the folder.
public enum PrivateFolderError: Error, Equatable, CustomStringConvertible {
    case cannotMake(reason: String)
    case noFolder
    case belongsToAnother(user: UInt32)
    case openToOthers(mode: UInt32)

    public var description: String {
        switch self {
        case .cannotMake(let reason): reason
        case .noFolder: "it is no folder"
        case .belongsToAnother(let user): "it belongs to another user (number \(user))"
        case .openToOthers(let mode):
            "others may write in it (mode \(String(mode, radix: 8))), and could replace what is kept there"
        }
    }
}
