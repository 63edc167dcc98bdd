import ESPLoader
import Foundation

/// The flash as a file of its size: a sector is written at once, so a killed process leaves whole sectors.
struct FileFlashContents: FlashContents {
    private(set) var bytes: [UInt8]
    private let file: FileHandle
    private let path: String

    /// What the disk did not take, why, and what to do.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Opens the file, or makes a blank one.
    ///
    /// - Throws: ``BoardError/flashFile(path:reason:)``.
    init(path: String, bytes count: Int) throws {
        let exists = FileManager.default.fileExists(atPath: path)
        if !exists {
            do {
                try Data(repeating: 0xFF, count: count).write(to: URL(filePath: path), options: .withoutOverwriting)
            } catch {
                // What was begun has not the flash's size and could not be used the next time.
                if (error as? CocoaError)?.code != .fileWriteFileExists {
                    try? FileManager.default.removeItem(atPath: path)
                }
                throw BoardError.flashFile(path: path, reason: error.systemReason)
            }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw BoardError.flashFile(path: path, reason: "it is no regular file")
        }
        guard let file = FileHandle(forUpdatingAtPath: path) else {
            throw BoardError.flashFile(path: path, reason: String(cString: strerror(errno)))
        }
        // Two boards on one file would each write over what the other has written.
        guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw BoardError.flashFile(path: path, reason: "another board has it")
        }
        let data = (try? file.read(upToCount: count + 1)) ?? Data()
        guard data.count == count else {
            throw BoardError.flashFile(path: path, reason: "it has another size than the board's flash, \(count) bytes")
        }
        self.file = file
        self.path = path
        bytes = Array(data)
    }

    mutating func replace(sector: Int, with contents: ArraySlice<UInt8>) throws {
        let start = sector * FlashGeometry.sectorBytes
        bytes.replaceSubrange(start..<start + FlashGeometry.sectorBytes, with: contents)
        let written = Array(contents).withUnsafeBytes {
            pwrite(file.fileDescriptor, $0.baseAddress, $0.count, off_t(start))
        }
        guard written == FlashGeometry.sectorBytes else {
            throw Refused(
                description:
                    "\(path) did not take sector \(sector): \(written < 0 ? String(cString: strerror(errno)) : "the disk is full"); "
                    + "make room, then write to the flash again")
        }
    }
}
