import Synchronization

/// When measurements were taken, by the hub's clock. Each comes with the time at which its base took it, and with how long
/// ago that was when it was sent: the base's clock may be wrong, the difference is not.
///
/// Where both clocks agree, to two seconds, the base's time is the measurement's. Where they do not, it is corrected by the
/// difference. What is seen of that holds the time that the request took too, which only adds to it: the smallest of a run of
/// the base counts, so that one slow request puts no two measurements in another order. Only where a run begins with a slow
/// one is the next that is quicker corrected by less. A difference that has grown by more than a request takes is a clock that
/// was set.
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
    /// Longer than requests take, in milliseconds: a base gives one up after `webhook.timeout`, 10 s where nobody sets it.
    private static let longestWay: Int64 = 60_000
    /// Older ones are not believed: 10 years, the longest that a base keeps one (in milliseconds).
    private static let most: Int64 = 10 * 366 * 86_400_000
    /// The most runs whose difference is remembered; the one that was found first gives way.
    private static let mostRuns = 256

    /// Smallest differences by run, in the order in which they were found.
    private let differences = Mutex<[(run: BaseRun, value: Int64)]>([])

    /// Never later than `now`; `now` where what is said makes no sense.
    ///
    /// - Parameter run: The run of the base that names the measurement; nil where none does.
    func moment(_ claim: Claim, run: BaseRun?, now: Timestamp) -> Timestamp {
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

    private func correction(_ difference: Int64, run: BaseRun?) -> Int64 {
        let smallest = run.map { self.smallest(difference, run: $0) } ?? difference
        return smallest.magnitude > Self.tolerance ? smallest : 0
    }

    private func smallest(_ difference: Int64, run: BaseRun) -> Int64 {
        differences.withLock { known in
            guard let index = known.lastIndex(where: { $0.run == run }) else {
                known.append((run, difference))
                if known.count > Self.mostRuns { known.removeFirst() }
                return difference
            }
            let isSet = difference - known[index].value > Self.longestWay
            known[index].value = isSet ? difference : min(known[index].value, difference)
            return known[index].value
        }
    }
}
