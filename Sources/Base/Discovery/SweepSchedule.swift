import UnitProtocol

/// When which address of the swept networks is tried: never faster than the rate, never too many at once, no address twice
/// at a time, and no sweep before the last one has ended.
///
/// A value without I/O. Network and broadcast addresses are left out, except in networks of two addresses or one (RFC 3021).
struct SweepSchedule: Sendable {
    /// The most addresses that are tried at once.
    static let concurrency = 128

    enum Action: Equatable, Sendable {
        case probe(IPv4Address)
        /// Call ``wake(at:)`` then; it replaces the last one.
        case wake(Duration)
    }

    let addresses: [IPv4Address]
    private let period: Duration
    private var bucket: TokenBucket
    private var next = 0
    private var underWay = 0
    private var began: Duration?

    init(_ settings: DiscoverySettings) {
        addresses = Set(settings.networks.flatMap(Self.hosts)).sorted()
        period = settings.period
        bucket = TokenBucket(rate: settings.rate, burst: 1)
    }

    /// Begins, or goes on.
    mutating func wake(at now: Duration) -> [Action] {
        var actions: [Action] = []
        while underWay < Self.concurrency, let due = nextMoment(at: now) {
            guard due <= now else { return actions + [.wake(due)] }
            if next == addresses.count { next = 0 }
            if next == 0 { began = now }
            _ = bucket.take(1, at: now)
            actions.append(.probe(addresses[next]))
            next += 1
            underWay += 1
        }
        return actions
    }

    /// The attempt at one address is over.
    mutating func finished(at now: Duration) -> [Action] {
        underWay -= 1
        return wake(at: now)
    }

    /// When the next address may be tried; nil while that depends on an attempt that is under way.
    private func nextMoment(at now: Duration) -> Duration? {
        let token = bucket.moment(at: now)
        guard next == addresses.count else { return token }
        guard underWay == 0, !addresses.isEmpty else { return nil }
        return max(token, (began ?? now) + period)
    }

    private static func hosts(of network: IPv4Network) -> [IPv4Address] {
        let edges: UInt32 = network.count > 2 ? 1 : 0
        return (edges..<UInt32(network.count) - edges).compactMap { network.base.advanced(by: $0) }
    }
}

extension TokenBucket {
    /// When a token is there: `now`, or later.
    fileprivate func moment(at now: Duration) -> Duration {
        var copy = self
        return copy.take(1, at: now)
    }
}
