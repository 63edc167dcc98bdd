/// Pauses that double from attempt to attempt up to a limit, so that many waiters do not come back together.
struct Backoff: Sendable {
    let minimum: Duration
    let maximum: Duration
    private(set) var attempts = 0

    init(minimum: Duration, maximum: Duration) {
        self.minimum = minimum
        self.maximum = maximum
    }

    mutating func reset() {
        attempts = 0
    }

    /// The next pause: between half of the current limit and all of it.
    ///
    /// - Parameter fraction: A random number from 0 to 1.
    mutating func next(fraction: Double) -> Duration {
        let limit = min(maximum, minimum * (1 << min(attempts, 20)))
        attempts += 1
        return limit * (0.5 + 0.5 * fraction)
    }
}
