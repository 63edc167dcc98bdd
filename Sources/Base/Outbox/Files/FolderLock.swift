import Glibc

/// Who may write in a folder: the process that holds a lock on the file `lock` in it. The kernel gives it free when the
/// process ends, however that is.
final class FolderLock {
    private let descriptor: Int32

    /// - Throws: ``OutboxError/inUse(folder:by:)``, or why there is no such file.
    init(_ folder: String) throws {
        let path = folder + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileFailure(operation: "open", path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw FileFailure(operation: "lock", path: path, code: code) }
            throw OutboxError.inUse(folder: folder, by: holder)
        }
        // Who it is stands there for people; the lock itself does not need it, so a full disk is no reason to stop.
        let words = "process \(getpid())\n"
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, words, words.utf8.count, 0)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let words = String(decoding: bytes.prefix(max(0, count)).prefix { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
        return words.isEmpty ? "another process" : words
    }

    deinit {
        close(descriptor)
    }
}
