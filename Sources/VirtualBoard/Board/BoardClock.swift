import NIOCore

/// A board's time since it was made, which a debugger can stop.
struct BoardClock {
    private let source: () -> NIODeadline
    /// When the time was 0, as if the clock had never been stopped.
    private var origin: NIODeadline
    private var stoppedAt: Duration?

    /// - Parameter source: The time outside.
    init(_ source: @escaping () -> NIODeadline = { .now() }) {
        self.source = source
        origin = source()
    }

    var now: Duration { stoppedAt ?? .nanoseconds((source() - origin).nanoseconds) }

    /// When it goes again, it goes on with the time at which it was stopped.
    var isStopped: Bool {
        get { stoppedAt != nil }
        set {
            if newValue {
                stoppedAt = now
            } else if let time = stoppedAt {
                stoppedAt = nil
                origin = source() - TimeAmount(time)
            }
        }
    }

    /// Sets a stopped clock on; it never goes back.
    mutating func advance(to time: Duration) {
        if let stopped = stoppedAt { stoppedAt = max(stopped, time) }
    }
}
