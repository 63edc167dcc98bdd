import Logging
import ServiceLifecycle

/// Says that the service is well, twice in the manager's interval, as long as it is: each time all that must not stand still
/// is asked first, and while there is no answer nothing is said.
struct Watchdog: Service {
    /// Without a word for so long the manager ends the service.
    let interval: Duration
    /// May take forever: then the manager's interval is the bound.
    let answers: @Sendable () async -> Void
    let isWell: @Sendable () -> Void
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            var next = ContinuousClock.now + interval / 2
            while (try? await Task.sleep(until: next, clock: .continuous)) != nil {
                await ask()
                next = max(next + interval / 2, .now)
            }
        }
    }

    /// Who asks must not be silent about a question that stays open: it may be the last that this process has to say.
    private func ask() async {
        let warning = Task {
            try await Task.sleep(for: interval / 2)
            logger.error("watchdog.unanswered", metadata: ["after": "\(interval / 2)"])
        }
        defer { warning.cancel() }
        // In a task of its own: a service that is stopped does not wait for an answer that never comes.
        let (answered, continuation) = AsyncStream.makeStream(of: Void.self)
        Task {
            await answers()
            continuation.finish()
        }
        for await _ in answered {}
        if !Task.isCancelled { isWell() }
    }
}
