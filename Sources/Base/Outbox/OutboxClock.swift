import Glibc

/// Where an outbox takes the time from.
public struct OutboxClock: Sendable {
    /// Only ever grows, from any beginning.
    var monotonic: @Sendable () -> Duration
    /// As ``monotonic``, and counts on while the machine sleeps: for ages.
    var steady: @Sendable () -> Duration
    /// Milliseconds since 1970; may jump.
    var wall: @Sendable () -> Int64

    /// - Parameter steady: The monotonic one without it, for a machine that never sleeps.
    public init(
        monotonic: @escaping @Sendable () -> Duration, steady: (@Sendable () -> Duration)? = nil,
        wall: @escaping @Sendable () -> Int64
    ) {
        self.monotonic = monotonic
        self.steady = steady ?? monotonic
        self.wall = wall
    }

    var now: OutboxMoment { OutboxMoment(steady: steady(), wall: wall()) }

    public static let system = OutboxClock(
        monotonic: {
            let time = read(CLOCK_MONOTONIC)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        },
        steady: { BootClock.now },
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
