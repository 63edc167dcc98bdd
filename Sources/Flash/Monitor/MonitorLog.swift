import Glibc

/// A file that grows by what a board says, or a pipe whose reader keeps up.
final class MonitorLog {
    private let path: String
    private let descriptor: Int32
    private let patience: Duration

    /// Opens the file, or makes it; what is in it stays.
    ///
    /// - Parameter patience: How long a pipe may be full.
    init(path: String, patience: Duration = .seconds(1)) throws(FlashError) {
        self.path = path
        self.patience = patience
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
            } else if errno == EAGAIN {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&entry, 1, Int32(patience / .milliseconds(1))) != 0 else {
                    throw .outputFile(path: path, reason: "the pipe is full, and nobody reads it")
                }
            } else if errno != EINTR {
                throw .outputFile(path: path, reason: String(cString: strerror(errno)))
            }
        }
    }
}
