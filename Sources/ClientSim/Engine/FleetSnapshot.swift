/// A fleet at one moment.
public struct FleetSnapshot: Codable, Hashable, Sendable {
    /// Since the start of the run.
    public var at = Duration.zero
    public var counts = FleetCounts()
    /// How late the firmware's timers came.
    public var lag = LagHistogram()
    /// How many processes the units are in.
    public var workers = 1
    /// How many of them have not answered: what their units do is not counted.
    public var silentWorkers = 0

    public init() {}

    mutating func add(_ other: FleetSnapshot) {
        at = max(at, other.at)
        counts.add(other.counts)
        lag.add(other.lag)
    }
}
