import Glibc

/// Who may write in a folder: the process that holds a lock on the file `lock` in it, and one on the folder itself, so that
/// nobody else gets in where somebody has removed the file. The kernel gives both free when the process ends, however that is.
final class FolderLock {
    private let path: String
    private let folder: Int32
    private var file: Int32

    /// - Parameter folder: Open, under `path`.
    /// - Throws: ``OutboxError/inUse(folder:by:)``, or why there is no such file.
    init(_ path: String, folder: Int32) throws {
        self.path = path
        file = try Self.lockFile(path, folder)
        // A file system that locks no folders, as some over a network, has the file alone.
        self.folder = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if self.folder >= 0, flock(self.folder, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            throw OutboxError.inUse(folder: path, by: "another process, whose lock file was removed")
        }
        sign()
    }

    private static func lockFile(_ path: String, _ folder: Int32) throws -> Int32 {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let file = openat(folder, "lock", flags, 0o600)
        guard file >= 0 else { throw FileFailure(operation: "open", path: path + "/lock", code: errno) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = holder(file)
            close(file)
            guard code == EWOULDBLOCK else { throw FileFailure(operation: "lock", path: path + "/lock", code: code) }
            throw OutboxError.inUse(folder: path, by: holder)
        }
        return file
    }

    /// Who it is stands there for people; the lock itself does not need it, so a full disk is no reason to stop.
    private func sign() {
        let words = "process \(getpid())\n"
        _ = ftruncate(file, 0)
        _ = pwrite(file, words, words.utf8.count, 0)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let words = String(decoding: bytes.prefix(max(0, count)).prefix { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
        return words.isEmpty ? "another process" : words
    }

    /// Whether the file still has its name; one that was removed has none, also while no other has taken that name.
    func isInPlace(in folder: Int32) -> Bool {
        guard let mine = FileIdentity(file) else { return false }
        return mine == FileIdentity("lock", in: folder)
    }

    /// Locks the file that has the name now, made where it is missing.
    ///
    /// - Throws: As ``init(_:folder:)``.
    func renew(in folder: Int32) throws {
        let new = try Self.lockFile(path, folder)
        close(file)
        file = new
        sign()
    }

    deinit {
        close(file)
        if folder >= 0 { close(folder) }
    }
}
