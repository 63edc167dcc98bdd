import Foundation
import Glibc

/// The lock on a folder of results, until nobody holds it any more.
final class FolderHold: Sendable {
    private static let text = "Results of iot hil run; the next run with this folder removes them.\n"

    private let descriptor: Int32

    /// - Throws: ``ReportError``.
    init(mark: URL, of folder: URL) throws(ReportError) {
        descriptor = open(mark.path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .cannotWrite(path: mark.path, reason: String(cString: strerror(errno)))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .otherRun(path: folder.path)
        }
        guard pwrite(descriptor, Self.text, Self.text.utf8.count, 0) == Self.text.utf8.count else {
            close(descriptor)
            throw .cannotWrite(path: mark.path, reason: String(cString: strerror(errno)))
        }
    }

    deinit { close(descriptor) }
}
