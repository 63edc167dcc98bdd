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

    /// - Throws: ``BoardError/recordFile(path:reason:)``.
    init(path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw BoardError.recordFile(path: path, reason: String(cString: strerror(errno)))
        }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        self.path = path
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
                    failure = String(cString: strerror(errno))
                }
            }
        }
        waiting = []
    }
}
