import UnitProtocol

/// A measurement that has been accepted.
public struct OutboxRecord: Hashable, Sendable {
    public let key: OutboxKey
    public let unit: IPv4Address
    /// When it was accepted, by the wall clock: milliseconds since 1970.
    public let acceptedAt: Int64
    /// The same by ``OutboxClock/steady``; nil where an earlier run has accepted it, or nobody knows any more.
    public let steady: Duration?
    public let measurement: Measurement

    public init(
        key: OutboxKey, unit: IPv4Address, acceptedAt: Int64, steady: Duration? = nil, measurement: Measurement
    ) {
        self.key = key
        self.unit = unit
        self.acceptedAt = acceptedAt
        self.steady = steady
        self.measurement = measurement
    }

    init(key: OutboxKey, _ accepted: OutboxMeasurement, at moment: OutboxMoment) {
        self.init(
            key: key, unit: accepted.unit, acceptedAt: moment.wall, steady: moment.steady,
            measurement: accepted.measurement)
    }

    /// How long ago it was accepted, in milliseconds; never negative. The wall clock is asked only for what an earlier run has
    /// accepted, so that one that jumps makes nothing of this run older or younger.
    public func age(at now: OutboxMoment) -> Int64 {
        if let steady {
            let (seconds, attoseconds) = (now.steady - steady).components
            return max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        }
        let (age, overflow) = now.wall.subtractingReportingOverflow(acceptedAt)
        return overflow ? 0 : max(0, age)
    }

    /// What ``Outbox/acknowledge(_:)`` wants to know.
    public var reference: OutboxReference { OutboxReference(unit: unit, sequence: key.sequence) }
}

/// Which record of which unit.
public struct OutboxReference: Hashable, Sendable {
    public let unit: IPv4Address
    public let sequence: UInt64

    public init(unit: IPv4Address, sequence: UInt64) {
        self.unit = unit
        self.sequence = sequence
    }
}

/// What a unit has said, before it has a key.
public struct OutboxMeasurement: Hashable, Sendable {
    public let unit: IPv4Address
    public let measurement: Measurement
    /// When it was said. Nil: when the outbox takes it.
    public let acceptedAt: OutboxMoment?

    public init(unit: IPv4Address, measurement: Measurement, acceptedAt: OutboxMoment? = nil) {
        self.unit = unit
        self.measurement = measurement
        self.acceptedAt = acceptedAt
    }
}
