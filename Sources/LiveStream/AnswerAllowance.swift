/// How much somebody is answered: a few times at once, and then so often a second.
struct AnswerAllowance: Equatable, Sendable {
    private let perSecond: Double
    private let atOnce: Double
    private var left: Double
    private var countedAt = Duration.zero

    init(perSecond: Double, atOnce: Double) {
        self.perSecond = perSecond
        self.atOnce = atOnce
        left = atOnce
    }

    /// Takes one answer, where there is one left.
    mutating func take(at now: Duration) -> Bool {
        left = min(atOnce, left + (now - countedAt) / .seconds(1) * perSecond)
        countedAt = now
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
