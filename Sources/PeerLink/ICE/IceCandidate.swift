/// An address where a side may be reached over UDP (RFC 8839, 5.1).
public struct IceCandidate: Hashable, Sendable {
    public enum Kind: String, Sendable {
        case host
        case serverReflexive = "srflx"
        case peerReflexive = "prflx"
        case relayed = "relay"

        /// RFC 8445, 5.1.2.2.
        var preference: UInt32 {
            switch self {
            case .host: 126
            case .peerReflexive: 110
            case .serverReflexive: 100
            case .relayed: 0
            }
        }
    }

    public var foundation: String
    public var priority: UInt32
    public var address: PeerAddress
    public var kind: Kind
    /// For what is not a host candidate: the address that it was found from.
    public var base: PeerAddress?

    /// - Parameter preference: Among candidates of the same kind, 0 to 65535; more is better.
    public init(_ kind: Kind, _ address: PeerAddress, preference: UInt16, base: PeerAddress? = nil) {
        foundation = "\(kind.rawValue)\(65535 - preference)"
        priority = Self.priority(kind, preference: preference)
        self.address = address
        self.kind = kind
        self.base = base
    }

    /// For the one component that there is.
    static func priority(_ kind: Kind, preference: UInt16) -> UInt32 {
        kind.preference << 24 | UInt32(preference) << 8 | 255
    }

    /// What a line means that is well formed, but of no use here.
    public enum Parsed: Equatable, Sendable {
        case usable(IceCandidate)
        /// TCP, another component, a name such as `….local` in place of an address, or a kind that is unknown.
        case ignored
    }

    /// Parses what follows `a=candidate:` (a `candidate:` in front is allowed, as browsers write it).
    ///
    /// - Returns: Nil for what is no candidate.
    public static func parse(_ text: some StringProtocol) -> Parsed? {
        let line = text.hasPrefix("candidate:") ? String(text.dropFirst("candidate:".count)) : String(text)
        let fields = line.split(separator: Character(" "), maxSplits: 40).map(String.init)
        guard fields.count >= 8, (1...32).contains(fields[0].utf8.count), let component = UInt16(fields[1]),
            let priority = UInt32(fields[3]), let port = UInt16(fields[5]), fields[6] == "typ"
        else { return nil }
        guard component == 1, fields[2].lowercased() == "udp", let kind = Kind(rawValue: fields[7]), port > 0,
            let address = PeerAddress(host: fields[4], port: port), !address.isWildcard
        else { return .ignored }
        var candidate = IceCandidate(kind, address, preference: 0)
        candidate.foundation = fields[0]
        candidate.priority = priority
        return .usable(candidate)
    }

    /// What stands after `a=`.
    public var text: String {
        let text = "candidate:\(foundation) 1 udp \(priority) \(address.host) \(address.port) typ \(kind.rawValue)"
        return base.map { "\(text) raddr \($0.host) rport \($0.port)" } ?? text
    }
}
