import Glibc

/// Waits for one descriptor, with a deadline.
enum Poll {
    enum Result: Equatable {
        /// What poll(2) has found, errors and hang-ups among it.
        case ready(Int16)
        case timedOut
        case failed(Int32)
    }

    static func wait(_ descriptor: Int32, _ events: Int16, until deadline: ContinuousClock.Instant) -> Result {
        while true {
            let left = max(.zero, deadline - .now)
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            // Rounded up: a wait that ends too early would be taken for one that has passed.
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            let count = poll(&entry, 1, left == .zero ? 0 : Int32(clamping: milliseconds + 1))
            if count > 0 { return .ready(entry.revents) }
            if count == 0 { return .timedOut }
            guard errno == EINTR else { return .failed(errno) }
        }
    }
}
