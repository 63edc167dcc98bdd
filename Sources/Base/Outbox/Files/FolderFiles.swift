import Files
import struct Foundation.URL
import Glibc

/// The files of a folder on a disk: the folder for its owner alone (0700), files too (0600), no links followed.
final class FolderFiles: OutboxFiles {
    private static let mostReaders = 16

    let path: String
    var folder: Int32
    /// The folder that was used before, while files of it are to be put into the one that has its path now; else negative.
    var former: Int32 = -1
    var lock: FolderLock?
    /// Files that are read again and again.
    var readers: [(name: String, descriptor: Int32)] = []

    /// - Parameter exclusive: Whether this process alone may write in the folder.
    /// - Throws: ``OutboxError``, ``FileFailure``.
    init(_ path: String, exclusive: Bool) throws {
        self.path = path
        folder = try Self.open(path)
        lock = exclusive ? try FolderLock(path, folder: folder) : nil
    }

    static func open(_ path: String) throws -> Int32 {
        do {
            try PrivateFolder.prepare(URL(filePath: path, directoryHint: .isDirectory))
        } catch {
            throw OutboxError.folder(path, reason: "\(error)")
        }
        let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FileFailure(operation: "open", path: path, code: errno) }
        return folder
    }

    deinit { close() }

    func close() {
        forgetReaders()
        for descriptor in [folder, former] where descriptor >= 0 { Glibc.close(descriptor) }
        (folder, former) = (-1, -1)
        lock = nil
    }

    func forgetReaders() {
        for reader in readers { Glibc.close(reader.descriptor) }
        readers = []
    }

    func failure(_ operation: String, _ name: String? = nil) -> FileFailure {
        FileFailure(operation: operation, path: name.map { path + "/" + $0 } ?? path, code: errno)
    }

    func names() throws(FileFailure) -> [String] {
        try entries().filter { $0.mode & S_IFMT == S_IFREG }.map(\.name)
    }

    func others() throws(FileFailure) -> [FolderEntry] {
        try entries().filter { $0.mode & S_IFMT != S_IFREG }
            .map { FolderEntry(path: path + "/" + $0.name, kind: Self.kind($0.mode)) }
            .sorted { $0.path < $1.path }
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFLNK: "a symbolic link"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        default: "a device"
        }
    }

    private func entries() throws(FileFailure) -> [(name: String, mode: mode_t)] {
        // A descriptor of its own: reading moves its position, and closing the listing closes it.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let listing = fdopendir(copy) else { throw failure("list") }
        defer { closedir(listing) }
        var entries: [(name: String, mode: mode_t)] = []
        errno = 0
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            // One that has gone meanwhile is none.
            if name != ".", name != "..", fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
                entries.append((name, status.st_mode))
            }
            errno = 0
        }
        guard errno == 0 else { throw failure("list") }
        return entries
    }

    func create(_ name: String) throws(FileFailure) -> any AppendedFile {
        forgetReader(name)
        return try opened(name, O_CREAT | O_TRUNC | O_APPEND, to: "make")
    }

    /// Opens a regular file to read and write.
    func opened(_ name: String, _ flags: Int32, to operation: String) throws(FileFailure) -> FolderFile {
        // Without O_NONBLOCK to open a pipe of that name waits for somebody at its other end.
        let all = flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = openat(folder, name, all, 0o600)
        guard descriptor >= 0 else { throw failure(operation, name) }
        let file = FolderFile(path: path + "/" + name, descriptor: descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw FileFailure(operation: "use as a file", path: path + "/" + name, code: EINVAL)
        }
        return file
    }

    func read(_ name: String, at offset: Int, count: Int) throws(FileFailure) -> [UInt8] {
        // Another process may put another file in its place.
        defer { if lock == nil { forgetReader(name) } }
        let descriptor = try reader(name)
        var result = 0
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while result < count {
                let got = pread(
                    descriptor, UnsafeMutableRawPointer(buffer.baseAddress)?.advanced(by: result), count - result,
                    off_t(offset + result))
                if got < 0, errno == EINTR { continue }
                if got < 0 { code = errno }
                guard got > 0 else { break }
                result += got
            }
            initialized = result
        }
        guard code == 0 else { throw FileFailure(operation: "read", path: path + "/" + name, code: code) }
        return bytes
    }

    private func reader(_ name: String) throws(FileFailure) -> Int32 {
        if let known = readers.first(where: { $0.name == name }) { return known.descriptor }
        // Without O_NONBLOCK to open a pipe of that name waits for somebody who writes.
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        var descriptor = openat(folder, name, flags)
        // What was not put back yet may still stand in the folder that was moved away.
        if descriptor < 0, errno == ENOENT, former >= 0 { descriptor = openat(former, name, flags) }
        guard descriptor >= 0 else { throw failure("open", name) }
        if readers.count == Self.mostReaders { Glibc.close(readers.removeFirst().descriptor) }
        readers.append((name, descriptor))
        return descriptor
    }

    private func forgetReader(_ name: String) {
        guard let index = readers.firstIndex(where: { $0.name == name }) else { return }
        Glibc.close(readers.remove(at: index).descriptor)
    }

    /// Nil where there is none of that name.
    func stamp(of name: String) -> FileStamp? { FileStamp(name, in: folder) }

    func size(_ name: String) throws(FileFailure) -> Int {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw failure("look at", name) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileFailure(operation: "use as a file", path: path + "/" + name, code: EINVAL)
        }
        return Int(status.st_size)
    }

    func append(_ bytes: [UInt8], to name: String, unit: Int) throws(FileFailure) -> Int {
        let file = try opened(name, O_CREAT | O_APPEND, to: "open")
        defer { file.close() }
        let size = try size(name)
        if size % unit != 0 { try file.truncate(to: size - size % unit) }
        try file.append(bytes)
        return size - size % unit + bytes.count
    }

    func truncate(_ name: String, to count: Int) throws(FileFailure) {
        let file = try opened(name, 0, to: "open")
        defer { file.close() }
        try file.truncate(to: count)
        try file.sync()
    }

    func rename(_ name: String, to newName: String) throws(FileFailure) {
        forgetReader(name)
        forgetReader(newName)
        guard renameat(folder, name, folder, newName) == 0 else { throw failure("rename", name) }
    }

    func remove(_ name: String) throws(FileFailure) {
        forgetReader(name)
        guard unlinkat(folder, name, 0) == 0 || errno == ENOENT else { throw failure("remove", name) }
    }

    /// Waits until nobody else has the lock on a file.
    ///
    /// - Parameter limit: How long at most.
    /// - Returns: What gives it free when nobody holds it any more; nil when it did not come free, or there is no such file.
    func lock(_ name: String, within limit: Duration) -> FileLock? {
        let end = OutboxClock.system.monotonic() + limit
        while true {
            let descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { return nil }
            let lock = FileLock(descriptor)
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0, isStill(descriptor, name) { return lock }
            guard OutboxClock.system.monotonic() < end else { return nil }
            usleep(5000)
        }
    }

    /// Whether a file still has its name: who had the lock before may have put another one in its place.
    private func isStill(_ descriptor: Int32, _ name: String) -> Bool {
        guard let opened = FileIdentity(descriptor) else { return false }
        return opened == FileIdentity(name, in: folder)
    }

    func syncFolder() throws(FileFailure) {
        guard fsync(folder) == 0 else { throw failure("sync") }
    }
}

/// The lock on a file, held as long as this exists.
final class FileLock {
    private let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
