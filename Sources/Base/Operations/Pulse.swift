import Synchronization

/// Asks the parts of a running base, again and again, whether they still move: the shell around ``Liveness``.
final class Pulse: Sendable {
    struct Part: Sendable {
        var name: String
        /// Returns when the part has answered, which may be never.
        var ask: @Sendable () async -> Void
    }

    static let interval = Duration.seconds(1)

    private let parts: [Part]
    private let state: Mutex<Liveness>
    private let now: @Sendable () -> Duration

    init(_ parts: [Part], now: @escaping @Sendable () -> Duration = OutboxClock.system.monotonic) {
        self.parts = parts
        self.now = now
        state = Mutex(Liveness(parts: parts.map(\.name)))
    }

    /// The parts that do not answer, in words; empty while all do.
    var late: [String] { state.withLock { $0.late(at: now()) } }

    /// Asks until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            beat()
            try? await Task.sleep(for: Self.interval)
        }
    }

    func beat() {
        for index in state.withLock({ $0.beat(at: now()) }) {
            Task {
                await parts[index].ask()
                state.withLock { $0.answered(index) }
            }
        }
    }
}
