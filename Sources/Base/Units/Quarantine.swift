/// Whether a unit loses its connection so often that it is only probed: a value without a clock.
struct Quarantine: Equatable, Sendable {
    private let limit: Int
    private let window: Duration
    private let steady: Duration
    /// When the latest losses were, oldest first; at most `limit`.
    private var losses: [Duration] = []
    /// Nil while the unit is not in quarantine.
    private(set) var since: Duration?

    /// - Parameters:
    ///   - limit: So many losses within `window` begin it; 0: it never begins.
    ///   - steady: One connection that has stood so long ends it.
    init(limit: Int, window: Duration, steady: Duration) {
        self.limit = limit
        self.window = window
        self.steady = steady
    }

    var isActive: Bool { since != nil }

    /// - Returns: Whether it begins with this loss.
    mutating func lose(at now: Duration) -> Bool {
        guard limit > 0, !isActive else { return false }
        losses.removeAll { $0 + window <= now }
        losses.append(now)
        guard losses.count >= limit else { return false }
        losses = []
        since = now
        return true
    }

    /// When a connection that was opened at `opened` ends the quarantine; nil when there is none.
    func end(opened: Duration) -> Duration? {
        isActive ? opened + steady : nil
    }

    /// - Returns: Whether it ends now, because the connection opened at `opened` has stood long enough.
    mutating func stand(since opened: Duration, at now: Duration) -> Bool {
        guard let end = end(opened: opened), now >= end else { return false }
        since = nil
        return true
    }
}
