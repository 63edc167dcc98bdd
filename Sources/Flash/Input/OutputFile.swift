import Foundation

/// A file that a command makes. A regular file is there whole or not at all; a device or a pipe gets what is written.
struct OutputFile: Sendable {
    private let path: String
    /// Whether it is replaced at once.
    private let isRegular: Bool

    /// Looks whether the file can be written, before anything takes time.
    ///
    /// - Parameter path: `-` is stdout. A link is followed.
    /// - Throws: ``FlashError/outputFile(path:reason:)``.
    init(_ path: String) throws(FlashError) {
        guard path != "-" else {
            guard fcntl(STDOUT_FILENO, F_GETFD) >= 0 else {
                throw .outputFile(path: "stdout", reason: "it is closed")
            }
            self.path = path
            isRegular = false
            return
        }
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        self.path = target
        var status = stat()
        let exists = stat(target, &status) == 0
        isRegular = !exists || status.st_mode & S_IFMT == S_IFREG
        guard !exists || status.st_mode & S_IFMT != S_IFDIR else {
            throw .outputFile(path: path, reason: "it is a directory")
        }
        // A regular file is replaced, so its folder must be writable; what else there is must be itself.
        let place = isRegular ? URL(filePath: target).deletingLastPathComponent().path : target
        guard access(place, W_OK) == 0 else {
            throw .outputFile(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// - Throws: ``FlashError/outputFile(path:reason:)``.
    func write(_ bytes: [UInt8]) throws(FlashError) {
        do {
            if path == "-" {
                try FileHandle.standardOutput.write(contentsOf: Data(bytes))
            } else if isRegular {
                let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
                try Data(bytes).write(to: URL(filePath: path), options: .atomic)
                if let mode { try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path) }
            } else {
                let file = try FileHandle(forWritingTo: URL(filePath: path))
                try file.write(contentsOf: Data(bytes))
                try file.close()
            }
        } catch {
            throw .outputFile(path: path == "-" ? "stdout" : path, reason: Self.reason(error))
        }
    }

    /// Foundation's own words say nothing where it passes on what the kernel has said.
    private static func reason(_ error: any Error) -> String {
        let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        guard let cause, cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
        return String(cString: strerror(Int32(cause.code)))
    }

    /// Writes at once what took no time to make.
    static func write(_ bytes: [UInt8], to path: String) throws(FlashError) {
        try OutputFile(path).write(bytes)
    }
}
