import UnitProtocol

/// What stands in etcd at one revision: which bases live, and which unit is whose.
struct ClusterView: Equatable, Sendable {
    struct Base: Equatable, Sendable {
        var lease: Int64
        /// Of the units that it would read (``Rendezvous/digest(_:)``).
        var digest: String
    }

    struct Ownership: Equatable, Sendable {
        var lease: Int64
        /// The revision at which the unit's key was made: greater than those of all earlier owners, so a fencing token.
        var token: Int64
    }

    var revision: Int64
    /// By name.
    var bases: [String: Base] = [:]
    var units: [IPv4Address: Ownership] = [:]
}
