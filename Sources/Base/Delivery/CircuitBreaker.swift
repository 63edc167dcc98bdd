/// Whether the dashboard is worth a request now, and how many at once: closed while it answers, open for a while after
/// failures in a row, then one probe, and after that more and more requests as they succeed.
///
/// A value without I/O; times count from any fixed moment.
struct CircuitBreaker: Sendable, Equatable {
    enum State: Equatable, Sendable {
        /// So many requests at once.
        case closed(limit: Int)
        case open(until: Duration)
        /// One request finds out.
        case halfOpen
    }

    private let most: Int
    private let threshold: Int
    private(set) var state: State
    private var failuresInRow = 0
    /// Of the openings without a success since. Full jitter, so that many bases do not come back together.
    private var backoff = Backoff(minimum: .milliseconds(500), maximum: .seconds(60), jitter: 1)

    /// - Parameters:
    ///   - most: Requests at once.
    ///   - threshold: Failures in a row that open it.
    init(most: Int, threshold: Int) {
        self.most = most
        self.threshold = threshold
        state = .closed(limit: most)
    }

    /// How many requests may be under way now.
    mutating func limit(at now: Duration) -> Int {
        if case .open(let until) = state, now >= until { state = .halfOpen }
        return switch state {
        case .closed(let limit): limit
        case .halfOpen: 1
        case .open: 0
        }
    }

    /// When it is to be asked again; nil while it lets requests through.
    var opensAt: Duration? {
        if case .open(let until) = state { return until }
        return nil
    }

    mutating func succeeded() {
        failuresInRow = 0
        backoff.reset()
        switch state {
        // What was under way when it opened says that the dashboard is back.
        case .open, .halfOpen: state = .closed(limit: min(2, most))
        case .closed(let limit): state = .closed(limit: min(most, limit * 2))
        }
    }

    /// - Parameters:
    ///   - after: How long the dashboard itself wants to be left alone.
    ///   - random: From 0 to 1.
    mutating func failed(at now: Duration, after: Duration?, random: Double) {
        failuresInRow += 1
        if case .open = state { return }
        guard state == .halfOpen || failuresInRow >= threshold else { return }
        state = .open(until: now + (after ?? .zero) + backoff.next(fraction: random))
    }
}
