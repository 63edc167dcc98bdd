/// What a unit is for the base: a sensor that it reads, or a lamp that it sends commands to.
enum UnitKind: String, Sendable, CaseIterable {
    case read
    case lamp

    /// What the hub calls it.
    var hubName: String { self == .read ? "read" : "updatable" }
}
