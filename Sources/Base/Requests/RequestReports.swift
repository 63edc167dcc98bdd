import Logging
import ServiceLifecycle
import Synchronization

/// Tells the dashboard what became of requests, in the background: the shell around ``ReportQueue``. No command waits for it.
final class RequestReports: Service {
    /// How long a graceful shutdown waits for results that are not told yet, if ``DrainTime`` has so much left.
    static let drainLimit = Duration.seconds(2)

    private let queue = Mutex(ReportQueue())
    private let webhook: WebhookClient
    private let drainTime: DrainTime
    private let logger: Logger

    init(webhook: WebhookClient, drainTime: DrainTime, logger: Logger) {
        self.webhook = webhook
        self.drainTime = drainTime
        self.logger = logger
    }

    /// Queues a result; never blocks.
    func add(_ report: RequestReport) {
        if let started = queue.withLock({ $0.add(report) }) {
            start(started)
        } else {
            noteLoss(of: report, "\(ReportQueue.limit) results wait for the dashboard already")
        }
    }

    /// Waits for the graceful shutdown, then for what is queued, but not for ever.
    func run() async throws {
        try? await gracefulShutdown()
        await drainTime.wait(atMost: Self.drainLimit) { queue.withLock { $0.isEmpty } }
        let left = queue.withLock { $0.count }
        if left > 0 {
            logger.warning(
                "results.abandoned",
                metadata: ["why": "the dashboard did not take them in time", "count": "\(left)"])
        }
    }

    /// How many results the dashboard has taken, and how many it will not get.
    var counts: (delivered: Int, lost: Int) { queue.withLock { ($0.delivered, $0.lost) } }

    private func start(_ attempts: [ReportQueue.Attempt]) {
        for attempt in attempts {
            Task { await self.carry(attempt) }
        }
    }

    private func carry(_ attempt: ReportQueue.Attempt) async {
        let outcome = await webhook.report(attempt.report)
        let (started, next) = queue.withLock { $0.finished(attempt, outcome, random: .random(in: 0...1)) }
        start(started)
        switch next {
        case .nothing: break
        case .lost(let reason): noteLoss(of: attempt.report, reason)
        case .retry(let attempt, let pause):
            try? await Task.sleep(for: pause)
            start(queue.withLock { $0.retry(attempt) })
        }
    }

    private func noteLoss(of report: RequestReport, _ reason: String) {
        let count = queue.withLock { $0.lost }
        guard Repeats.isTold(count) else { return }
        logger.warning(
            "result.lost", metadata: ["unit": "\(report.unit)", "why": "\(reason)", "count": "\(count)"])
    }
}
