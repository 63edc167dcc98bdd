import Glibc

/// The clock that counts on while the machine sleeps, and never jumps (CLOCK_BOOTTIME).
enum BootClock {
    /// Time since the machine was started.
    static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
