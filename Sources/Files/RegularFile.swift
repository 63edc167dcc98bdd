import Foundation

/// A file on a disk, read as a whole. What else has a name (a pipe, a device, a directory) may give bytes for ever, or
/// none and never an end.
public enum RegularFile {
    /// - Throws: ``RegularFileError``.
    public static func bytes(of path: String, atMost limit: Int) throws(RegularFileError) -> Data {
        // Without O_NONBLOCK to open a pipe waits for somebody who writes.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(reason: String(cString: strerror(errno))) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(reason: String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(kind: kind(status.st_mode)) }
        guard let data = try? file.read(upToCount: limit + 1) ?? Data() else {
            throw .unreadable(reason: "it cannot be read")
        }
        guard data.count <= limit else { throw .tooLarge(limit: limit) }
        return data
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        default: "a device"
        }
    }
}

/// Why a file was not read, as the end of a sentence that names it.
public enum RegularFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(reason: String)
    case notRegular(kind: String)
    case tooLarge(limit: Int)

    public var description: String {
        switch self {
        case .unreadable(let reason): reason
        case .notRegular(let kind): "it is \(kind), and only regular files are read"
        case .tooLarge(let limit): "it is larger than \(limit / 1024 / 1024) MiB"
        }
    }
}
