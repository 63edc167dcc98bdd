import Logging
import ServiceLifecycle
import Synchronization
import UnitProtocol

/// Carries measurements to the dashboard: the shell around ``DeliverySchedule``.
///
/// Each measurement is in the outbox before it is sent, and leaves it when the dashboard has answered: it is delivered at
/// least once, over restarts too, with the same key each time.
final class Deliveries: Service {
    /// How long a graceful shutdown waits for what is under way, if ``DrainTime`` has so much left; what waits stays in the outbox.
    static let drainLimit = Duration.seconds(5)
    private static let retryPoll = Duration.seconds(5)
    private static let batchPoll = Duration.seconds(600)

    private struct State {
        var schedule: DeliverySchedule
        var wake: Task<Void, Never>?
        /// What the schedule asks for before deliveries begin.
        var first: [DeliverySchedule.Action] = []
        var isStopping = false
    }

    private let settings: WebhookSettings
    private let state: Mutex<State>
    private let outbox: Outbox
    private let deadLetters: DeadLetters
    private let webhook: WebhookClient
    private let clock: OutboxClock
    private let log: DeliveryLog
    private let meter: DeliveryMeter
    private let intake: Intake
    private let burial: Burial
    private let drainTime: DrainTime

    /// What the outbox tells comes from its thread, whose owner is made later than it.
    private final class Ear: Sendable {
        let owner = Mutex<Deliveries?>(nil)
    }

    /// Opens the outbox and the dead letters in a folder of the disk; reads what is there, so not on an event loop.
    ///
    /// - Throws: ``OutboxError``, ``DeadLetterError``.
    static func open(
        in directory: String, _ configuration: Configuration, webhook: WebhookClient, meter: DeliveryMeter,
        drainTime: DrainTime, logger: Logger
    ) throws -> Deliveries {
        let ear = Ear()
        let outbox = try Outbox(folder: "\(directory)/outbox", settings: configuration.outbox.settings) { event in
            ear.owner.withLock(\.self)?.take(event)
        }
        let letters = try DeadLetters(
            folder: "\(directory)/dead-letters", maximumBytes: configuration.outbox.deadLetterBytes)
        let deliveries = Deliveries(
            settings: configuration.webhook, outbox: outbox, deadLetters: letters, webhook: webhook, meter: meter,
            drainTime: drainTime, logger: logger)
        ear.owner.withLock { $0 = deliveries }
        deliveries.log.repaired(outbox.repair)
        deliveries.log.skipped(letters.skipped)
        return deliveries
    }

    private init(
        settings: WebhookSettings, outbox: Outbox, deadLetters: DeadLetters, webhook: WebhookClient,
        meter: DeliveryMeter, drainTime: DrainTime, clock: OutboxClock = .system, logger: Logger
    ) {
        self.meter = meter
        self.drainTime = drainTime
        self.settings = settings
        // Before units say anything: what is left goes before that.
        var schedule = DeliverySchedule(settings: settings)
        let first = schedule.restore(outbox.left.keys, at: clock.monotonic())
        state = Mutex(State(schedule: schedule, first: first))
        self.outbox = outbox
        self.deadLetters = deadLetters
        self.webhook = webhook
        self.clock = clock
        log = DeliveryLog(logger: logger, clock: clock)
        intake = Intake(outbox: outbox, clock: clock) { [log] in log.overflowed($0) }
        burial = Burial(deadLetters: deadLetters, outbox: outbox, log: log)
    }

    /// Whether the outbox is so far behind that units should not be read.
    var isBehind: Bool { intake.isBehind }

    /// Takes a measurement; never blocks. Calls for one unit keep their order.
    func accept(_ measurement: Measurement, from unit: IPv4Address) {
        intake.take(measurement, from: unit) { [self] in accepted($0, $1) }
    }

    /// How deliveries fare, with the outbox asked on its thread: what hangs there is waited for.
    ///
    /// - Throws: ``OutboxError/closed`` once the end has come.
    func status() async throws -> StatusReport.Deliveries {
        let outbox = try await outbox.status()
        let letters = try? await deadLetters.tally()
        let now = clock.monotonic()
        return state.withLock { state in
            StatusReport.Deliveries(
                outbox, state.schedule, meter.counts, letters: letters, intakeDropped: intake.dropped, at: now)
        }
    }

    private func accepted(_ records: [OutboxRecord], _ result: AppendResult) {
        log.refused(result.dropped.filter { $0.key == nil })
        change { $0.accept(records, at: $1) }
    }

    /// What the outbox tells by itself.
    func take(_ event: OutboxEvent) {
        log.note(event)
        guard case .dropped(let drops) = event else { return }
        let gone = drops.compactMap { drop in drop.key.map { OutboxReference(unit: drop.unit, sequence: $0.sequence) } }
        change { $0.dropped(gone, at: $1) }
    }

    /// Delivers what an earlier run has left and what comes, until the graceful shutdown; then waits for what is under way.
    func run() async throws {
        let retrier = DeadLetterRetrier(deadLetters: deadLetters, clock: clock, log: log) { [self] record in
            let outcome = await webhook.deliver([record])
            // How old a dead letter is says nothing of how long deliveries take.
            meter.note(outcome, [record], clock: clock, isTimed: false)
            return outcome
        }
        log.restored(outbox.left.values.reduce(0, +))
        let first = state.withLock { state in
            defer { state.first = [] }
            return state.first
        }
        perform(first)
        let others = [Task { await retrier.run() }, Task { await askForBatches() }]
        try? await gracefulShutdown()
        for other in others { other.cancel() }
        await drain()
    }

    /// Returns when the outbox's thread has looked at what it was asked: neither it nor its disk stands still.
    func answer() async {
        // One that is closed, at the end, has nothing to do any more.
        _ = try? await outbox.waiting()
    }

    private func drain() async {
        await drainTime.wait(atMost: Self.drainLimit) { isDrained }
        state.withLock { state in
            state.isStopping = true
            state.wake?.cancel()
        }
        let waiting = (try? await outbox.status().waiting) ?? 0
        await outbox.close()
        log.closed(waiting: waiting)
    }

    /// Whether all is delivered that can be now: a dashboard that is away is not waited for.
    private var isDrained: Bool {
        guard intake.isEmpty else { return false }
        return state.withLock { state in
            state.schedule.isEmpty
                || (state.schedule.requestsUnderWay == 0 && state.schedule.breaker.opensAt != nil)
        }
    }

    // MARK: The schedule's wishes

    private func change(_ body: (inout DeliverySchedule, Duration) -> [DeliverySchedule.Action]) {
        let actions = state.withLock { state in
            guard !state.isStopping else { return [DeliverySchedule.Action]() }
            let actions = body(&state.schedule, clock.monotonic())
            // Here, so that of two wishes at a time the later one counts.
            for case .wake(let time) in actions { arm(time, &state) }
            return actions
        }
        perform(actions)
    }

    private func perform(_ actions: [DeliverySchedule.Action]) {
        var refused: [DeadLetter] = []
        for action in actions {
            switch action {
            case .deliver(let delivery): carry(delivery)
            case .acknowledge(let references): outbox.acknowledge(references)
            case .load(let unit, let sequence, let limit): Task { await load(unit, after: sequence, limit: limit) }
            case .bury(let record, let status, let reason):
                refused.append(DeadLetter(record: record, refusedAt: clock.wall(), status: status, reason: reason))
            case .wake: break
            }
        }
        burial.bury(refused)
    }

    private func carry(_ delivery: DeliverySchedule.Delivery) {
        webhook.deliver(delivery.records) { [self] outcome in
            meter.note(outcome, delivery.records, clock: clock)
            log.note(outcome, delivery.records)
            change { $0.finished(delivery.number, outcome, at: $1) { Double.random(in: 0...1) } }
        }
    }

    private func load(_ unit: IPv4Address, after sequence: UInt64?, limit: Int) async {
        // Only a closed outbox tells nothing.
        guard let records = try? await outbox.records(of: unit, after: sequence, limit: limit) else { return }
        change { $0.loaded(unit, records, at: $1) }
    }

    private func arm(_ time: Duration, _ state: inout State) {
        let pause = time - clock.monotonic()
        state.wake?.cancel()
        state.wake = Task { [weak self] in
            try? await Task.sleep(for: max(.zero, pause))
            guard !Task.isCancelled else { return }
            self?.change { $0.wake(at: $1) }
        }
    }

    /// Asks how many measurements the dashboard takes in one request, until it has told, and now and then again.
    private func askForBatches() async {
        guard settings.batch > 1 else { return }
        while !Task.isCancelled {
            let most = await webhook.mostMeasurements()
            if let most {
                change { schedule, _ in
                    schedule.batchLimit = min(most, settings.batch)
                    return []
                }
            }
            try? await Task.sleep(for: most == nil ? Self.retryPoll : Self.batchPoll)
        }
    }
}
