import Glibc

/// Where an outbox takes the time from.
public struct OutboxClock: Sendable {
    /// Only ever grows, from any beginning.
    var monotonic: @Sendable () -> Duration
    /// Milliseconds since 1970; may jump.
    var wall: @Sendable () -> Int64

    public init(monotonic: @escaping @Sendable () -> Duration, wall: @escaping @Sendable () -> Int64) {
        self.monotonic = monotonic
        self.wall = wall
    }

    public static let system = OutboxClock(
        monotonic: {
            let time = read(CLOCK_MONOTONIC)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        },
        wall: {
            let time = read(CLOCK_REALTIME)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        })

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
