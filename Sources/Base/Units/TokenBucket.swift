/// A rate with bursts: tokens come back one after the other, up to a limit; each use takes some, also those that are not
/// there yet.
///
/// A value without a clock: time is counted from any fixed moment and never runs backwards.
struct TokenBucket: Sendable {
    /// How long one token takes to come back.
    private let interval: Duration
    /// How long a full bucket took to fill.
    private let depth: Duration
    /// From when on everything that was taken has come back; nil as long as nothing was taken.
    private var paidAt: Duration?

    /// - Parameters:
    ///   - rate: Tokens a second, at least 1.
    ///   - burst: How many a full bucket holds, at least 1.
    init(rate: Int, burst: Int) {
        interval = .seconds(1) / rate
        depth = interval * burst
    }

    /// Takes `count` tokens, whether they are there or not.
    ///
    /// - Returns: When they are all there: `now`, or later when the bucket was too empty.
    mutating func take(_ count: Int, at now: Duration) -> Duration {
        let full = now - depth
        let paid = max(paidAt ?? full, full) + interval * count
        paidAt = paid
        return max(now, paid)
    }
}
