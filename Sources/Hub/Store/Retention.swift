import Logging
import ServiceLifecycle

/// Removes states that are older than the retention, in the background and in small bites.
struct Retention: Service {
    /// How long states are kept.
    let keep: Duration
    let store: Store
    let logger: Logger
    var now: @Sendable () -> Timestamp = Timestamp.now
    /// The pause between two passes when there was nothing left to do.
    var pause: Duration = .seconds(60)
    /// The pause between two bites, in which measurements have the database to themselves.
    var breath: Duration = .milliseconds(50)
    /// The most states that one transaction removes.
    var bite = 2_000

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let wait = await removeOneBite()
                try? await Task.sleep(for: wait)
            }
        }
    }

    /// - Returns: How long to wait until the next bite.
    private func removeOneBite() async -> Duration {
        do {
            let removed = try await store.prune(olderThan: now() - keep, limit: bite)
            if removed > 0 {
                logger.debug("retention.removed", metadata: ["states": "\(removed)"])
            }
            return removed < bite ? pause : breath
        } catch {
            if !Task.isCancelled {
                logger.warning("retention.failed", metadata: ["error": "\(error)"])
            }
            return pause
        }
    }
}
