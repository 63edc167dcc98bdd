import Channels
import UnitProtocol

/// A unit that nobody has told the base of, as it is proposed to the dashboard.
struct FoundUnit: Equatable, Sendable {
    /// What it seems to be.
    enum Kind: String, CaseIterable, Sendable {
        /// It has said a measurement.
        case read
        /// It took the connection and was silent, as updatable units are, and read units that somebody else reads.
        case updatable
        case unknown
    }

    /// How it was found.
    enum Means: String, Sendable {
        case sweep
        case mdns
    }

    var address: IPv4Address
    var kind: Kind
    var means: Means
    /// What it calls itself: at most a label of DNS, 63 bytes.
    var name: String?
    /// When it was found: milliseconds since 1970.
    var at: Int64

    /// One of the `units` of `POST /webhook/found-units`.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "ip": .string("\(address)"), "kind": .string(kind.rawValue), "by": .string(means.rawValue),
            "at": .integer(Int(at)),
        ]
        members["name"] = name.map { .string($0) }
        return .object(members)
    }
}
