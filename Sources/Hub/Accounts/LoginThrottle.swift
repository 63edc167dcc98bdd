/// Slows down guessing: a bucket of attempts for each address that asks and for each user that is asked for.
///
/// An attempt takes one from both buckets before the password is looked at, and gets it back when the password was
/// right. Buckets refill with time. The buckets of users are larger than those of addresses, so one address alone cannot
/// keep a user out. Users that do not exist have buckets as well.
struct LoginThrottle: Sendable {
    struct Rule: Sendable {
        /// Attempts that may follow each other at once.
        var burst: Int
        /// How long it takes until one more is allowed.
        var refill: Duration
    }

    struct Key: Hashable, Sendable {
        enum Kind: Sendable { case address, user }
        var kind: Kind
        var text: String
    }

    enum Verdict: Equatable, Sendable {
        case allowed
        case refused(retryAfter: Duration)
    }

    static let addressRule = Rule(burst: 5, refill: .seconds(10))
    static let userRule = Rule(burst: 20, refill: .seconds(5))
    /// How many buckets are kept; a full bucket needs no place.
    static let maximumBuckets = 20_000

    /// When each bucket will be full again.
    private var fullAt: [Key: Duration] = [:]

    var bucketCount: Int { fullAt.count }

    /// Takes an attempt, or says how long to wait. When no place is left for a new bucket (an attack from very many
    /// addresses), everybody waits.
    mutating func attempt(from address: String, user: String, at now: Duration) -> Verdict {
        let buckets = [
            (Key(kind: .address, text: address), Self.addressRule), (Key(kind: .user, text: user), Self.userRule),
        ]
        let waits = buckets.map { key, rule in wait(key, rule, now) }
        if let longest = waits.max(), longest > .zero { return .refused(retryAfter: longest) }
        if fullAt.count + buckets.count > Self.maximumBuckets {
            fullAt = fullAt.filter { $0.value > now }
            guard fullAt.count + buckets.count <= Self.maximumBuckets else {
                return .refused(retryAfter: Self.addressRule.refill)
            }
        }
        for (key, rule) in buckets {
            fullAt[key] = max(fullAt[key] ?? now, now) + rule.refill
        }
        return .allowed
    }

    /// Gives back what a successful attempt took.
    mutating func succeeded(from address: String, user: String, at now: Duration) {
        for (key, rule) in [
            (Key(kind: .address, text: address), Self.addressRule), (Key(kind: .user, text: user), Self.userRule),
        ] {
            guard let full = fullAt[key] else { continue }
            fullAt[key] = full - rule.refill > now ? full - rule.refill : nil
        }
    }

    /// The level of a bucket is the time that is left until it is full, counted in refills.
    private func wait(_ key: Key, _ rule: Rule, _ now: Duration) -> Duration {
        let left = (fullAt[key] ?? now) - now
        return max(left - rule.refill * (rule.burst - 1), .zero)
    }
}
