import Foundation

/// A file that a command makes; it is there whole or not at all.
struct OutputFile {
    /// `-` is stdout.
    var path: String
    var bytes: [UInt8]

    /// Looks whether a file can be written, before anything takes time.
    ///
    /// - Throws: ``FlashError/outputFile(path:reason:)``.
    static func check(_ path: String) throws(FlashError) {
        let file = OutputFile(path: path, bytes: [])
        try file.checkPlace()
        // A regular file is replaced, so its folder must be writable; what else there is must be itself.
        let isClosed = path == "-" && fcntl(STDOUT_FILENO, F_GETFD) < 0
        let place = file.target.map { URL(filePath: $0).deletingLastPathComponent().path } ?? path
        guard !isClosed, path == "-" || access(place, W_OK) == 0 else {
            throw .outputFile(path: path, reason: isClosed ? "it is closed" : String(cString: strerror(errno)))
        }
    }

    /// - Throws: ``FlashError/outputFile(path:reason:)`` where writing it would replace one of the files it is made of.
    static func check(_ path: String, isNoneOf inputs: [String]) throws(FlashError) {
        guard let target = OutputFile(path: path, bytes: []).target.flatMap(identity) else { return }
        for input in inputs where identity(input) == target {
            throw .outputFile(path: path, reason: "it is also read; name another file")
        }
    }

    /// Device and number of the file that a path leads to; nil where there is none.
    private static func identity(_ path: String) -> [UInt]? {
        var found = stat()
        return stat(path, &found) == 0 ? [UInt(found.st_dev), UInt(found.st_ino)] : nil
    }

    static func write(_ bytes: [UInt8], to path: String) throws(FlashError) {
        try write([OutputFile(path: path, bytes: bytes)])
    }

    /// Writes all of them beside their places, and only then puts them there.
    static func write(_ files: [OutputFile]) throws(FlashError) {
        var staged: [(temporary: String, target: String)] = []
        defer { for file in staged { unlink(file.temporary) } }
        for file in files {
            try file.checkPlace()
            guard let target = file.target else {
                try file.writeInPlace()
                continue
            }
            let temporary = "\(target).\(UUID().uuidString.prefix(8)).part"
            staged.append((temporary, target))
            let handle = try file.handle(temporary, O_WRONLY | O_CREAT | O_EXCL)
            // A file that was there keeps its permissions.
            var found = stat()
            if stat(target, &found) == 0, fchmod(handle.fileDescriptor, found.st_mode & 0o7777) != 0 {
                throw .outputFile(path: file.path, reason: String(cString: strerror(errno)))
            }
            try file.write(to: handle)
        }
        for file in staged {
            guard rename(file.temporary, file.target) == 0 else {
                throw .outputFile(path: file.target, reason: String(cString: strerror(errno)))
            }
        }
    }

    private func checkPlace() throws(FlashError) {
        guard path != "-" else { return }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: folder) else {
            throw .outputFile(path: path, reason: "there is no folder \(folder); make it first")
        }
        var isFolder = ObjCBool(false)
        guard !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder.boolValue else {
            throw .outputFile(path: path, reason: "it is a folder; name a file")
        }
    }

    /// Where a regular file is to stand, behind links; nil for stdout, a device or a pipe, which no file may replace.
    private var target: String? {
        guard path != "-" else { return nil }
        var found = stat()
        guard stat(path, &found) == 0 else {
            // A link to nothing yet is followed, too.
            let destination = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
            return destination.map { URL(filePath: $0, relativeTo: URL(filePath: path)).path } ?? path
        }
        let isReplaced = [S_IFREG, S_IFDIR].contains(found.st_mode & S_IFMT)
        return isReplaced ? URL(filePath: path).resolvingSymlinksInPath().path : nil
    }

    private func writeInPlace() throws(FlashError) {
        try write(to: path == "-" ? .standardOutput : handle(path, O_WRONLY))
    }

    /// Opens what this is written to. Foundation would say less of why it cannot than the kernel does.
    private func handle(_ place: String, _ flags: Int32) throws(FlashError) -> FileHandle {
        let descriptor = open(place, flags | O_CLOEXEC | O_NOCTTY, 0o666)
        guard descriptor >= 0 else { throw .outputFile(path: path, reason: String(cString: strerror(errno))) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private func write(to handle: FileHandle) throws(FlashError) {
        do {
            try handle.write(contentsOf: Data(bytes))
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let number = cause.flatMap { $0.domain == NSPOSIXErrorDomain ? Int32($0.code) : nil }
            throw .outputFile(path: path, reason: number.map { String(cString: strerror($0)) } ?? "it takes no data")
        }
    }
}
