import Foundation
import Glibc

/// Stdout of a monitor: a reader that is slow is waited for, one that has gone ends it, and a wait ends when the user wants
/// to stop.
struct MonitorOutput {
    let cancellation: Cancellation
    /// Poll(2) promises room for so much in a pipe (PIPE_BUF).
    private static let piece = 4096
    private static let patience: Int32 = 100

    /// - Returns: False when nobody reads any more, or the user wants to stop and the reader is slow.
    func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let isStopping = cancellation.isAsked
            var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, isStopping ? 0 : Self.patience) > 0 else {
                guard !isStopping else { return false }
                continue
            }
            guard entry.revents & Int16(POLLERR | POLLNVAL) == 0 else { return false }
            let count = rest.prefix(Self.piece).withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EAGAIN && errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Whether the reader has gone, though nothing was written meanwhile.
    var isClosed: Bool {
        var entry = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLERR | POLLNVAL | POLLHUP) != 0
    }
}
