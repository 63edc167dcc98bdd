import Foundation
import Glibc

/// A file that a board writes to as it goes; what was there before is replaced.
final class RecordFile {
    let path: String
    /// Why the file lacks what was to be written, from the first time on; it takes nothing any more then.
    private(set) var failure: String?
    private let file: FileHandle
    private var waiting: [UInt8] = []
    /// What is written at once, at the latest (bytes).
    private static let limit = 1 << 16

    /// - Throws: ``BoardError/recordFile(path:reason:)``, where another board has the file, too.
    init(path: String) throws {
        // A pipe without a reader, or with one that does not read, must not stop the board.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0o644)
        guard descriptor >= 0 else {
            let reason = errno == ENXIO ? "it is a pipe that nobody reads" : String(cString: strerror(errno))
            throw BoardError.recordFile(path: path, reason: reason)
        }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        self.path = path
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        // What another board has, as its flash or its record, is not emptied.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw BoardError.recordFile(path: path, reason: "another board has it")
        }
        guard ftruncate(descriptor, 0) == 0 else {
            throw BoardError.recordFile(path: path, reason: String(cString: strerror(errno)))
        }
    }

    func write(_ bytes: [UInt8]) {
        guard failure == nil else { return }
        waiting += bytes
        if waiting.count >= Self.limit { flush() }
    }

    func flush() {
        waiting.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty, failure == nil {
                let count = Glibc.write(
                    file.fileDescriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    failure =
                        errno == EAGAIN ? "the pipe is full, and nobody reads it" : String(cString: strerror(errno))
                }
            }
        }
        waiting = []
    }
}
