/// Lets so many through a second, and as many at once after a pause.
struct AttemptRate: Equatable, Sendable {
    let perSecond: Int
    private var tokens: Double
    private var last: Duration

    init(perSecond: Int, at now: Duration) {
        self.perSecond = perSecond
        tokens = Double(perSecond)
        last = now
    }

    mutating func admits(at now: Duration) -> Bool {
        let passed = Double((now - last) / .microseconds(1)) / 1_000_000
        last = now
        tokens = min(Double(perSecond), tokens + passed * Double(perSecond))
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
