import Foundation
import Glibc

/// Stdout of a monitor: a reader that is slow is waited for, one that has gone ends it, and a wait ends when the user wants
/// to stop.
struct MonitorOutput {
    enum Outcome: Equatable {
        case written
        /// The user wants to stop, and the reader is slow.
        case stopped
        /// Nobody reads any more.
        case closed
        /// An errno, such as that of a full disk.
        case failed(Int32)
    }

    let cancellation: Cancellation
    /// Poll(2) promises room for so much in a pipe (PIPE_BUF).
    private static let piece = 4096
    private static let patience: Int32 = 100

    func write(_ bytes: [UInt8]) -> Outcome {
        var rest = bytes[...]
        while !rest.isEmpty {
            let isStopping = cancellation.isAsked
            var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, isStopping ? 0 : Self.patience) > 0 else {
                guard !isStopping else { return .stopped }
                continue
            }
            guard !Self.hasGone(entry) else { return .closed }
            let count = rest.prefix(Self.piece).withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EAGAIN, EINTR: continue
            case EPIPE: return .closed
            // A terminal that was closed meanwhile.
            case let code: return isClosed ? .closed : .failed(code)
            }
        }
        return .written
    }

    /// Whether the reader has gone, though nothing was written meanwhile.
    var isClosed: Bool {
        var entry = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&entry, 1, 0) > 0 && Self.hasGone(entry)
    }

    private static func hasGone(_ entry: pollfd) -> Bool {
        entry.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
    }
}
