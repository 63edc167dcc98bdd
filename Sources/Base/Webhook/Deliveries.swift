import Logging
import ServiceLifecycle
import Synchronization
import UnitProtocol

/// Carries measurements to the dashboard: the shell around ``DeliveryQueues``.
///
/// The queues are in memory: what waits when the process is killed is lost.
final class Deliveries: Service {
    /// How long a graceful shutdown waits for what is queued.
    static let drainLimit = Duration.seconds(5)

    private struct State {
        var queues: DeliveryQueues
        /// Units whose latest delivery is to be tried again.
        var failing: Set<IPv4Address> = []
        var reportedDrops = 0
        /// Measurements that the dashboard refused, by unit.
        var rejected: [IPv4Address: Int] = [:]
    }

    private let state: Mutex<State>
    private let webhook: WebhookClient
    private let logger: Logger

    init(settings: WebhookSettings, webhook: WebhookClient, logger: Logger) {
        state = Mutex(State(queues: DeliveryQueues(settings: settings)))
        self.webhook = webhook
        self.logger = logger
    }

    /// Queues a measurement; never blocks. Calls for one unit keep their order.
    func accept(_ measurement: Measurement, from unit: IPv4Address) {
        let (started, newDrops) = state.withLock { state in
            let started = state.queues.accept(measurement, from: unit)
            let dropped = state.queues.dropped
            let isWorthALine = dropped > 0 && (state.reportedDrops == 0 || dropped >= state.reportedDrops * 2)
            if isWorthALine { state.reportedDrops = dropped }
            return (started, isWorthALine ? dropped : nil)
        }
        if let newDrops {
            logger.warning(
                "measurements.dropped", metadata: ["why": "queue full (webhook.queue)", "count": "\(newDrops)"])
        }
        start(started)
    }

    /// Waits for the graceful shutdown, then for what is queued, but not for ever.
    func run() async throws {
        try? await gracefulShutdown()
        let clock = ContinuousClock()
        let end = clock.now + Self.drainLimit
        while !state.withLock({ $0.queues.isEmpty }), clock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        if !state.withLock({ $0.queues.isEmpty }) {
            logger.warning("measurements.abandoned", metadata: ["why": "the dashboard did not take them in time"])
        }
    }

    private func start(_ deliveries: [DeliveryQueues.Delivery]) {
        for delivery in deliveries {
            Task { await self.carry(delivery) }
        }
    }

    private func carry(_ delivery: DeliveryQueues.Delivery) async {
        let outcome = await webhook.deliver(delivery.measurement, of: delivery.unit)
        note(outcome, delivery)
        let (started, retryIn) = state.withLock { state in
            state.queues.finished(delivery.unit, outcome, random: Double.random(in: 0...1))
        }
        start(started)
        if let retryIn {
            try? await Task.sleep(for: retryIn)
            start(state.withLock { $0.queues.retry(delivery.unit) })
        }
    }

    /// One line when the first delivery fails and one when none is failing any more, however many there are meanwhile.
    private func note(_ outcome: DeliveryQueues.Outcome, _ delivery: DeliveryQueues.Delivery) {
        switch outcome {
        case .accepted:
            noteAnswer(delivery.unit)
        case .retry(let reason, _):
            let isFirst = state.withLock { state in
                defer { state.failing.insert(delivery.unit) }
                return state.failing.isEmpty
            }
            if isFirst { logger.warning("webhook.failing", metadata: ["why": "\(reason)"]) }
        case .rejected(let reason):
            noteAnswer(delivery.unit)
            noteRejection(reason, delivery)
        }
    }

    private func noteAnswer(_ unit: IPv4Address) {
        let recovered = state.withLock { $0.failing.remove(unit) != nil && $0.failing.isEmpty }
        if recovered { logger.notice("webhook.recovered") }
    }

    /// The first, the second, the fourth of a unit, and so on: a unit that nobody has registered fills no disk.
    private func noteRejection(_ reason: String, _ delivery: DeliveryQueues.Delivery) {
        let count = state.withLock { state in
            state.rejected[delivery.unit, default: 0] += 1
            return state.rejected[delivery.unit, default: 0]
        }
        guard count.nonzeroBitCount == 1 else { return }
        logger.warning(
            "measurement.rejected",
            metadata: [
                "unit": "\(delivery.unit)", "value": "\(delivery.measurement.text)", "why": "\(reason)",
                "count": "\(count)",
            ])
    }
}
