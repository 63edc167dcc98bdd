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
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw .cannotWrite(path: mark.path, reason: "no lock on it: \(String(cString: strerror(code)))")
            }
            throw .otherRun(path: folder.path)
        }
        guard pwrite(descriptor, Self.text, Self.text.utf8.count, 0) == Self.text.utf8.count else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw .cannotWrite(path: mark.path, reason: reason)
        }
    }

    deinit { close(descriptor) }
}
