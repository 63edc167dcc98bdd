/// How many lines a unit has measured whose signal is a counter.
struct MeasuredLines: Hashable, Sendable {
    /// Where the other unit at the same address begins to count, so that its lines are told from the unit's own; what a unit of
    /// the shortest period comes to in 115 days.
    static let otherStart = 1_000_000_000

    /// Counted 0 to one less.
    var own = 0
    /// By the other unit at the same address, counted ``otherStart`` and on.
    var other = 0
}
