import Glibc

/// A file that grows by what a board says.
final class MonitorLog {
    private let path: String
    private let descriptor: Int32

    /// Opens the file, or makes it; what is in it stays.
    init(path: String) throws(FlashError) {
        self.path = path
        // A pipe without a reader is an error then, not a wait.
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else { throw .outputFile(path: path, reason: String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    func append(_ text: String) throws(FlashError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw .outputFile(path: path, reason: String(cString: strerror(errno)))
            }
        }
    }
}
