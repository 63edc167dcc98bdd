/// What the units of a fleet, or of a part of it, are doing and have done.
public struct FleetCounts: Codable, Hashable, Sendable {
    public var units = 0
    /// Have no power yet.
    public var waiting = 0
    public var booting = 0
    /// Listen, and have no client.
    public var listening = 0
    public var served = 0
    /// Have one or more faults at the moment.
    public var faulty = 0

    public var lines = 0
    public var bytes = 0
    public var connects = 0
    /// Connections that a client or the firmware has ended.
    public var ends = 0
    /// Connections that a fault has ended.
    public var cuts = 0
    /// How often lamps have set their pixels.
    public var shows = 0
    public var failedAccepts = 0
    /// Bytes that were written to a connection and had not left the unit when it ended.
    public var discardedBytes = 0
    /// How often a fault has begun at a unit, by the fault's name.
    public var faults: [String: Int] = [:]

    public init() {}

    mutating func add(_ other: FleetCounts) {
        for path in Self.numbers { self[keyPath: path] += other[keyPath: path] }
        faults.merge(other.faults, uniquingKeysWith: +)
    }

    private static var numbers: [WritableKeyPath<FleetCounts, Int>] {
        [
            \.units, \.waiting, \.booting, \.listening, \.served, \.faulty, \.lines, \.bytes, \.connects, \.ends,
            \.cuts,
            \.shows, \.failedAccepts, \.discardedBytes,
        ]
    }
}
