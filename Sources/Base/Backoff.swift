/// Pauses that double from attempt to attempt up to a limit, so that many waiters do not come back together.
struct Backoff: Equatable, Sendable {
    let minimum: Duration
    let maximum: Duration
    /// How much of a pause is at random, from 0 to 1: half of it for what is to be spread, all of it (full jitter) for what may
    /// well come at once.
    let jitter: Double
    private(set) var attempts = 0

    init(minimum: Duration, maximum: Duration, jitter: Double = 0.5) {
        self.minimum = minimum
        self.maximum = maximum
        self.jitter = jitter
    }

    mutating func reset() {
        attempts = 0
    }

    /// The next pause.
    ///
    /// - Parameter fraction: A random number from 0 to 1.
    mutating func next(fraction: Double = 1) -> Duration {
        attempts += 1
        return pause(after: attempts, fraction: fraction)
    }

    /// The pause after so many attempts, at least one, where somebody else counts them.
    func pause(after attempts: Int, fraction: Double) -> Duration {
        let limit = min(maximum, minimum * (1 << min(attempts - 1, 20)))
        return limit * (1 - jitter + jitter * fraction)
    }
}
