import Foundation

/// A file that a board writes to as it goes; what was there before is replaced.
final class RecordFile {
    private let file: FileHandle
    private var waiting: [UInt8] = []
    /// What is written at once, at the latest (bytes); a disk that takes nothing loses it.
    private static let limit = 1 << 16

    /// - Throws: ``BoardError/recordFile(path:reason:)``.
    init(path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw BoardError.recordFile(path: path, reason: String(cString: strerror(errno)))
        }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ bytes: [UInt8]) {
        waiting += bytes
        if waiting.count >= Self.limit { flush() }
    }

    func flush() {
        guard !waiting.isEmpty else { return }
        try? file.write(contentsOf: Data(waiting))
        waiting = []
    }
}
