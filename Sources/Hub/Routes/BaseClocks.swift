import Synchronization

/// When measurements were taken, by the hub's clock. Each comes with the time at which its base took it, and with how long
/// ago that was when it was sent: the base's clock may be wrong, the difference is not.
///
/// Where both clocks agree, to two seconds, the base's time is the measurement's. Where they do not, it is corrected by the
/// difference, which is asked for once in a run of the base and again when it changes, so that the time that a request takes
/// puts no two measurements in another order.
final class BaseClocks: Sendable {
    /// What a base says of a measurement, in milliseconds.
    struct Claim: Equatable, Sendable {
        /// Since 1970, by its clock.
        var at: Int64?
        /// Until it was sent.
        var age: Int64?
    }

    static let atHeader = "X-Measured-At"
    static let ageHeader = "X-Measurement-Age"
    /// Clocks that differ by less are taken for right, in milliseconds.
    static let tolerance: Int64 = 2000
    /// Older ones are not believed: 10 years, the longest that a base keeps one (in milliseconds).
    private static let most: Int64 = 10 * 366 * 86_400_000
    /// The most runs whose difference is remembered.
    private static let mostRuns = 256

    /// Differences by run, in the order in which they were found.
    private let differences = Mutex<[(run: String, value: Int64)]>([])

    /// Never later than `now`; `now` where what is said makes no sense.
    ///
    /// - Parameter run: The run of the base that names the measurement; nil where none does.
    func moment(_ claim: Claim, run: String?, now: Timestamp) -> Timestamp {
        let now = now.milliseconds
        let moment: Int64
        switch (claim.at, claim.age) {
        case (let at?, let age?) where Self.isPlausible(age) && at.magnitude < UInt64(Int64.max / 4):
            moment = at + correction(now - (at + age), run: run)
        case (let at?, nil): moment = max(at, 0)
        case (nil, let age?): moment = now - max(0, min(age, Self.most + 1))
        default: moment = now
        }
        let isSensible = Self.isPlausible(now - min(moment, now)) && moment <= now + Self.tolerance
        return Timestamp(milliseconds: isSensible ? min(moment, now) : now)
    }

    private static func isPlausible(_ age: Int64) -> Bool { (0...most).contains(age) }

    private func correction(_ difference: Int64, run: String?) -> Int64 {
        guard difference.magnitude > Self.tolerance else { return 0 }
        guard let run else { return difference }
        return differences.withLock { known in
            if let index = known.firstIndex(where: { $0.run == run }) {
                if (known[index].value - difference).magnitude > Self.tolerance { known[index].value = difference }
                return known[index].value
            }
            known.append((run, difference))
            if known.count > Self.mostRuns { known.removeFirst() }
            return difference
        }
    }
}
