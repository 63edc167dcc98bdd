import Foundation
import Glibc

/// Where the locks of boards are: one folder for all users of the machine, as its boards are there for all.
enum LockFolder {
    /// Unless somebody says otherwise.
    static let usual = URL(filePath: "/tmp/iot-hil-locks")

    /// Makes the folder where it is missing, for all users; as in /tmp each removes no files but their own.
    ///
    /// One that exists is left as it is: it must be a folder, and where others may write in it, its sticky bit keeps them from taking
    /// away what is not theirs.
    ///
    /// - Throws: ``BoardLockError/noFolder(path:reason:)``.
    static func prepare(_ folder: URL) throws(BoardLockError) {
        do {
            try FileManager.default.createDirectory(
                at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw .noFolder(path: folder.path, reason: error.localizedDescription)
        }
        if mkdir(folder.path, 0o700) == 0 {
            // What the umask takes is given back.
            guard chmod(folder.path, 0o1777) == 0 else { throw failure(folder) }
            return
        }
        guard errno == EEXIST else { throw failure(folder) }
        var status = stat()
        guard lstat(folder.path, &status) == 0 else { throw failure(folder) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .noFolder(path: folder.path, reason: "it is no folder") }
        let mode = status.st_mode & 0o7777
        guard mode & 0o022 == 0 || mode & 0o1000 != 0 else {
            throw .noFolder(
                path: folder.path,
                reason:
                    "others may write in it (mode \(String(mode, radix: 8))), and could take locks away; chmod 1777 keeps "
                    + "them from that")
        }
    }

    private static func failure(_ folder: URL) -> BoardLockError {
        .noFolder(path: folder.path, reason: String(cString: strerror(errno)))
    }
}
