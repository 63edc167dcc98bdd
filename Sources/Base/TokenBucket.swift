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
        let paid = paid(at: now) + interval * count
        paidAt = paid
        return max(now, paid)
    }

    /// Takes as many tokens as are there, and no more than `wanted`.
    mutating func takeWhatIsThere(_ wanted: Int, at now: Duration) -> Int {
        let paid = paid(at: now)
        let count = min(wanted, Int((now - paid) / interval))
        paidAt = paid + interval * count
        return count
    }

    /// Tokens that were taken and not used.
    mutating func giveBack(_ count: Int) {
        paidAt = paidAt.map { $0 - interval * count }
    }

    /// When the next token is there, at `now` at the earliest.
    func nextToken(at now: Duration) -> Duration { max(now, paid(at: now) + interval) }

    private func paid(at now: Duration) -> Duration { max(paidAt ?? now - depth, now - depth) }
}
