import Crypto
import Foundation
import Glibc
import Synchronization

/// Holds a board for one run.
///
/// The lock is the kernel's (flock) on a file that stays: however a process ends, its locks are free at once. What stands in the
/// file (``BoardHolder``) is for those who find the board taken. A time that is over frees nothing, as long as the process runs.
package final class BoardLock: Sendable {
    private static let mostBytes = 4096
    /// How often a file that somebody has removed meanwhile is made anew.
    private static let tries = 10

    package let board: String
    private let descriptor: Mutex<Int32?>

    private init(board: String, descriptor: Int32) {
        self.board = board
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// Takes the board, or says who has it; never waits.
    ///
    /// - Parameters:
    ///   - board: Its stable name: the serial number of its USB adapter, or a path; all paths of one device are one board.
    ///   - folder: Where the files are; it is made for all users (``LockFolder/prepare(_:)``).
    ///   - owner: What the run is called.
    ///   - expires: When it will be done, to its best knowledge.
    /// - Throws: ``BoardLockError``.
    package static func take(
        board: String, folder: URL, owner: String, expires: Duration, now: Date = Date()
    ) throws(BoardLockError) -> BoardLock {
        try LockFolder.prepare(folder)
        let board = canonical(board)
        let file = folder.appending(path: fileName(of: board)).path
        for _ in 0..<tries {
            let descriptor = try lock(file, board, now)
            guard isStill(descriptor, file) else {
                close(descriptor)
                continue
            }
            BoardHolder(owner: owner, since: now, expires: expires).write(to: descriptor)
            return BoardLock(board: board, descriptor: descriptor)
        }
        throw .cannotLock(board: board, path: file, reason: "it was removed again and again")
    }

    /// Takes all of them or none: whoever else waits for some gets what is free meanwhile.
    static func takeAll(
        _ boards: [String], folder: URL, owner: String, expires: Duration
    ) -> Result<[BoardLock], BoardLockError> {
        var locks: [BoardLock] = []
        for board in boards {
            do throws(BoardLockError) {
                locks.append(try take(board: board, folder: folder, owner: owner, expires: expires))
            } catch {
                for lock in locks { lock.release() }
                return .failure(error)
            }
        }
        return .success(locks)
    }

    /// Gives the board free. Any number of times.
    package func release() {
        descriptor.withLock { held in
            guard let descriptor = held else { return }
            // Whoever looks from now on finds nobody.
            ftruncate(descriptor, 0)
            close(descriptor)
            held = nil
        }
    }

    private static func lock(_ file: String, _ board: String, _ now: Date) throws(BoardLockError) -> Int32 {
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        // In a folder for all the kernel refuses to make what another user has made already (fs.protected_regular).
        var descriptor = open(file, flags)
        if descriptor < 0, errno == ENOENT {
            descriptor = open(file, flags | O_CREAT | O_EXCL, 0o600)
            // For all users, whatever the umask; the one that lost a race to make it opens the winner's.
            if descriptor >= 0 { fchmod(descriptor, 0o666) } else if errno == EEXIST { descriptor = open(file, flags) }
        }
        guard descriptor >= 0 else {
            throw .cannotLock(board: board, path: file, reason: String(cString: strerror(errno)))
        }
        var status = stat()
        // What is written into it must be no file of somebody's that was put there under another name.
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink <= 1 else {
            close(descriptor)
            throw .cannotLock(board: board, path: file, reason: "it is no plain file of its own")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = BoardHolder(readingFrom: descriptor, atMost: mostBytes)
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw .cannotLock(board: board, path: file, reason: String(cString: strerror(code)))
            }
            throw .held(board: board, by: holder, isOverdue: holder.map { $0.until < now } ?? false)
        }
        return descriptor
    }

    /// Whether the file that is locked has its name yet: of one that has not, another one may be locked by somebody else.
    private static func isStill(_ descriptor: Int32, _ file: String) -> Bool {
        var (mine, named) = (stat(), stat())
        return fstat(descriptor, &mine) == 0 && lstat(file, &named) == 0 && mine.st_ino == named.st_ino
            && mine.st_dev == named.st_dev
    }

    /// A path without links, as far as there is such a file.
    private static func canonical(_ board: String) -> String {
        guard board.hasPrefix("/"), let path = realpath(board, nil) else { return board }
        defer { free(path) }
        return String(cString: path)
    }

    /// Letters and digits for people, and a digest, so that no two boards share a file.
    private static func fileName(of board: String) -> String {
        let plain = String(
            board.unicodeScalars.suffix(40).map { scalar -> Character in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9": Character(scalar)
                default: "-"
                }
            })
        let digest = SHA256.hash(data: Data(board.utf8)).prefix(6).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        return "\(plain)-\(digest.joined()).lock"
    }
}
