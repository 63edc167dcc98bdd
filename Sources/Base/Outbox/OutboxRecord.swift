import UnitProtocol

/// A measurement that has been accepted.
public struct OutboxRecord: Hashable, Sendable {
    public let key: OutboxKey
    public let unit: IPv4Address
    /// When it was accepted, by the wall clock: milliseconds since 1970.
    public let acceptedAt: Int64
    public let measurement: Measurement

    public init(key: OutboxKey, unit: IPv4Address, acceptedAt: Int64, measurement: Measurement) {
        self.key = key
        self.unit = unit
        self.acceptedAt = acceptedAt
        self.measurement = measurement
    }

    /// How long ago it was accepted, in milliseconds; never negative, whatever the wall clock has done meanwhile.
    public func age(at wall: Int64) -> Int64 {
        let (age, overflow) = wall.subtractingReportingOverflow(acceptedAt)
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
    /// When it was said, by the wall clock: milliseconds since 1970. Nil: when the outbox takes it.
    public let acceptedAt: Int64?

    public init(unit: IPv4Address, measurement: Measurement, acceptedAt: Int64? = nil) {
        self.unit = unit
        self.measurement = measurement
        self.acceptedAt = acceptedAt
    }
}
