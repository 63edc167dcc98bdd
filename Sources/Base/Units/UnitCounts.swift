import UnitProtocol

/// What one unit has said and suffered, or many together; never decreases.
struct UnitCounts: Equatable, Sendable {
    /// Measurements.
    var lines = 0
    /// Everything that came, malformed lines included.
    var bytes = 0
    var malformed: [MalformedLine: Int] = [:]
    /// How often reading was paused because a unit exceeded `units.rate`.
    var throttled = 0
    /// Connections of a unit after its first.
    var reconnects = 0

    static func += (left: inout UnitCounts, right: UnitCounts) {
        left.lines += right.lines
        left.bytes += right.bytes
        left.malformed.merge(right.malformed, uniquingKeysWith: +)
        left.throttled += right.throttled
        left.reconnects += right.reconnects
    }
}
