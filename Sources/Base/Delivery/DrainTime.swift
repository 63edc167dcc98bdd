import Daemon
import ServiceLifecycle
import Synchronization

/// How long the parts of a base may take together to finish after a stop was asked for: each has a limit of its own, and
/// those that are asked late have what the others have left.
///
/// As a service it is to be the first that is stopped, which begins the time.
final class DrainTime: Service {
    /// Less than what is cancelled after, ``Daemon/drainLimit``, by what it takes to let go of files and sockets.
    static let limit = Daemon.drainLimit - .seconds(1)
    private static let poll = Duration.milliseconds(20)

    private let clock: OutboxClock
    /// By the monotonic clock; nil until a stop is asked for.
    private let beginning = Mutex(Duration?.none)

    init(clock: OutboxClock = .system) {
        self.clock = clock
    }

    func run() async throws {
        try? await gracefulShutdown()
        begin()
    }

    /// A stop was asked for.
    func begin() {
        let now = clock.monotonic()
        beginning.withLock { $0 = $0 ?? now }
    }

    /// Returns when `isDone` says so, which is asked again and again, when the limit or the time of all has passed, or when the
    /// task is cancelled.
    func wait(atMost limit: Duration, until isDone: () -> Bool) async {
        let ends = [clock.monotonic() + limit, beginning.withLock(\.self).map { $0 + Self.limit }]
        guard let end = ends.compactMap(\.self).min() else { return }
        while !isDone(), clock.monotonic() < end {
            // A sleep in a cancelled task is none.
            guard (try? await Task.sleep(for: Self.poll)) != nil else { return }
        }
    }
}
