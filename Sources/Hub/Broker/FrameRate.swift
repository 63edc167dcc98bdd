/// Counts what a peer sends in spans of a second.
struct FrameRate: Sendable {
    private let limit: Int
    private var start: ContinuousClock.Instant?
    private var count = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: False when it is one too many in this second.
    mutating func takes(at now: ContinuousClock.Instant) -> Bool {
        if let start, now - start < .seconds(1) {
            count += 1
        } else {
            start = now
            count = 1
        }
        return count <= limit
    }
}
