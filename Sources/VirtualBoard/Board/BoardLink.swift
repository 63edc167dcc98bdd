import Foundation
import Glibc

/// The symbolic link that gives a terminal a stable name, for as long as this lives.
///
/// A lock on an empty file beside it, `NAME.lock`, keeps two boards off one name. The kernel lifts it with the process, however that
/// ends: what a killed board has left is replaced.
final class BoardLink: Sendable {
    let path: String
    private let target: String
    private let lockPath: String
    private let lock: Int32
    /// The lock's file may be taken away by the one that had it, while it is opened here.
    private static let mostTries = 20

    /// Leads the name to `target`. Only a link to a terminal is replaced: anything else of that name is somebody's.
    ///
    /// - Throws: ``BoardError/link(path:reason:)``.
    init(_ path: String, to target: String) throws {
        self.path = path
        self.target = target
        lockPath = path + ".lock"
        lock = try Self.claim(path, lockPath)
        if let old = Self.destination(path), old.hasPrefix(Self.terminals) { unlink(path) }
        guard symlink(target, path) == 0 else {
            let reason = errno == EEXIST ? "there is something of that name already" : String(cString: strerror(errno))
            throw BoardError.link(path: path, reason: reason)
        }
    }

    /// Where the kernel has its pseudo terminals: only a link to one of them is what a board has left.
    private static let terminals = "/dev/pts/"

    private static func destination(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    /// - Returns: The descriptor that has the lock.
    private static func claim(_ path: String, _ name: String) throws -> Int32 {
        for _ in 0..<mostTries {
            let descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
            guard descriptor >= 0 else {
                throw BoardError.link(path: path, reason: "\(name): \(String(cString: strerror(errno)))")
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let reason = errno == EWOULDBLOCK ? "another board has it" : String(cString: strerror(errno))
                close(descriptor)
                throw BoardError.link(path: path, reason: reason)
            }
            if isSame(descriptor, name) { return descriptor }
            close(descriptor)
        }
        throw BoardError.link(path: path, reason: "\(name) is made and taken away again and again")
    }

    deinit {
        if Self.destination(path) == target { unlink(path) }
        var status = stat()
        if fstat(lock, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size == 0,
            Self.isSame(lock, lockPath)
        {
            unlink(lockPath)
        }
        close(lock)
    }

    private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var (open, named) = (stat(), stat())
        return fstat(descriptor, &open) == 0 && lstat(path, &named) == 0 && open.st_dev == named.st_dev
            && open.st_ino == named.st_ino
    }
}
