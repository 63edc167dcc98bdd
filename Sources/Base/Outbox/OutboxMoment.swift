/// When something was, by two clocks: one that never jumps, and one that another run understands.
public struct OutboxMoment: Hashable, Sendable {
    /// By ``OutboxClock/steady``: means something within this run alone.
    public let steady: Duration
    /// By the wall clock: milliseconds since 1970.
    public let wall: Int64

    public init(steady: Duration, wall: Int64) {
        self.steady = steady
        self.wall = wall
    }
}
