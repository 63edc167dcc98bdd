/// How often a part may end before the system gives up on it: a part that was killed comes back, one that cannot live
/// does not fill the terminal for ever.
struct RestartBudget: Equatable, Sendable {
    static let limit = 5
    static let window = Duration.seconds(60)

    private var ends: [Duration] = []

    /// Notes an end.
    ///
    /// - Parameter now: Time since any fixed moment.
    /// - Returns: How long to wait before the next start: 0.25 s, doubled with each end in the last minute. Nil when
    ///   there were more than ``limit`` ends in that time.
    mutating func delayAfterEnd(at now: Duration) -> Duration? {
        ends.removeAll { now - $0 > Self.window }
        ends.append(now)
        guard ends.count <= Self.limit else { return nil }
        return .milliseconds(250 << (ends.count - 1))
    }
}
