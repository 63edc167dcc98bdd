import UnitProtocol

/// A unit that announces itself as an instance of `_iot-unit._tcp` (RFC 6763).
struct AnnouncedUnit: Equatable, Sendable {
    static let service = "_iot-unit._tcp.local"

    /// The instance's name: what people call it.
    var name: String
    /// What it says of itself in its text record: `kind=read` or `kind=updatable`.
    var kind: FoundUnit.Kind
    /// Sorted; those that serve port 8888 alone.
    var addresses: [IPv4Address]
}
