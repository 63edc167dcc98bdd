import Synchronization

/// How many connections a second all units together begin: each attempt is given its moment.
///
/// What has to be dialled at once, because a command waits, takes its place too and lets the others wait longer.
final class DialRate: Sendable {
    private let bucket: Mutex<TokenBucket>

    /// - Parameter rate: Connections a second, at least 1; a tenth of a second's may begin together.
    init(rate: Int) {
        bucket = Mutex(TokenBucket(rate: rate, burst: max(1, rate / 10)))
    }

    /// - Returns: When the attempt may begin: `now` or later, in the order of the calls.
    func reserve(at now: Duration) -> Duration {
        bucket.withLock { $0.take(1, at: now) }
    }
}
