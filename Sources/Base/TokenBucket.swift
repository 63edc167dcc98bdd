/// So many tokens a second, and a store of them: what may be done often, but not always.
///
/// A value without I/O; times count from any fixed moment.
struct TokenBucket: Sendable, Equatable {
    private let rate: Double
    private let burst: Double
    private var tokens: Double
    private var filledAt: Duration?

    /// - Parameters:
    ///   - rate: Tokens a second, more than 0.
    ///   - burst: The most tokens, at least 1. It begins full.
    init(rate: Double, burst: Double) {
        self.rate = rate
        self.burst = max(1, burst)
        tokens = max(1, burst)
    }

    /// - Returns: How many of the wanted tokens there were.
    mutating func take(_ wanted: Int, at now: Duration) -> Int {
        fill(at: now)
        let count = min(wanted, Int(tokens))
        tokens -= Double(count)
        return count
    }

    /// Tokens that were not used.
    mutating func giveBack(_ count: Int) {
        tokens = min(burst, tokens + Double(count))
    }

    /// When there will be one.
    mutating func nextToken(after now: Duration) -> Duration {
        fill(at: now)
        return now + .seconds(max(0, 1 - tokens) / rate)
    }

    private mutating func fill(at now: Duration) {
        if let filledAt, now > filledAt { tokens = min(burst, tokens + rate * ((now - filledAt) / .seconds(1))) }
        filledAt = max(filledAt ?? now, now)
    }
}
