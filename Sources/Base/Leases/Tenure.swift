import UnitProtocol

/// One time for which a unit is a base's: keys that are made together have the same token.
struct Tenure: Hashable, Sendable {
    var unit: IPv4Address
    var token: Int64
}
