import UnitProtocol

/// A unit that a base has found in its network, and that nobody has asked it to look after.
struct FoundUnit: Equatable, Sendable, Encodable {
    enum Kind: String, CaseIterable, Sendable, Encodable {
        case read
        case updatable
        case unknown
    }

    /// How the base came upon it.
    enum Means: String, CaseIterable, Sendable, Encodable {
        case sweep
        case mdns
    }

    var ip: String
    var kind: Kind
    var by: Means
    /// What it calls itself.
    var name: String?
    var at: Timestamp
}
