import Logging
import Synchronization
import UnitProtocol

/// What is said of deliveries; of what a dashboard that is away for days brings about, as ``Repeats`` says.
final class DeliveryLog: Sendable {
    private struct State {
        /// Whether it was told that deliveries fail, and not yet that they do no more.
        var isFailing = false
        /// Units whose latest delivery is to be tried again, and until when that counts, on the monotonic clock.
        var failing: [IPv4Address: Duration] = [:]
        var dropped: [OutboxDropReason: Int] = [:]
        /// Measurements that the dashboard refused, by unit.
        var rejected: [IPv4Address: Int] = [:]
        var unburied = 0
        var trouble = TroubleLog()
        /// Whether it was told that the token is refused, and nothing was accepted since.
        var isUnauthorized = false
    }

    /// How long a failure counts while its unit is not heard of again: longer than a unit rests. What was dropped meanwhile is
    /// tried no more, and would else keep the end of an outage, and the next one, from being told.
    static let memory = DeliverySchedule.backoff.maximum * 2

    private let state = Mutex(State())
    private let logger: Logger
    private let clock: OutboxClock

    init(logger: Logger, clock: OutboxClock) {
        self.logger = logger
        self.clock = clock
    }

    /// What stands among the files of the outbox or the dead letters and is none.
    func skipped(_ entries: [FolderEntry]) {
        for entry in entries {
            logger.warning(
                "outbox.skipped",
                metadata: ["path": "\(entry.path)", "why": "it is \(entry.kind), and nothing of ours; move it away"])
        }
    }

    func repaired(_ repair: OutboxRepair) {
        skipped(repair.skipped)
        guard repair.tornTails + repair.corruptSegments > 0 else { return }
        logger.warning(
            "outbox.repaired",
            metadata: [
                "torn": "\(repair.tornTails)", "corrupt": "\(repair.corruptSegments)",
                "lost-bytes": "\(repair.lostBytes)", "lost-records": "\(repair.lostRecords)",
            ])
    }

    func restored(_ count: Int) {
        if count > 0 { logger.notice("measurements.restored", metadata: ["count": "\(count)"]) }
    }

    func closed(waiting: Int) {
        guard waiting > 0 else { return }
        logger.notice("measurements.kept", metadata: ["count": "\(waiting)", "why": "they wait in the outbox"])
    }

    func note(_ event: OutboxEvent) {
        switch event {
        case .dropped(let drops): refused(drops)
        case .degraded(let reason):
            logger.error("outbox.degraded", metadata: ["why": "\(reason)", "what": "measurements are in memory alone"])
        case .recovered(let count): logger.notice("outbox.recovered", metadata: ["count": "\(count)"])
        case .trouble(let reason):
            let now = clock.monotonic()
            guard let count = state.withLock({ $0.trouble.note(reason, at: now) }) else { return }
            logger.warning("outbox.trouble", metadata: ["why": "\(reason)", "count": "\(count)"])
        }
    }

    /// Measurements that the outbox does not keep.
    func refused(_ drops: [OutboxDrop]) {
        for (reason, drops) in Dictionary(grouping: drops, by: \.reason) {
            let (before, after) = state.withLock { state in
                let before = state.dropped[reason, default: 0]
                state.dropped[reason] = before + drops.count
                return (before, before + drops.count)
            }
            guard Repeats.isTold(after, before: before) else { continue }
            logger.warning("measurements.dropped", metadata: ["why": "\(reason.rawValue)", "count": "\(after)"])
        }
    }

    /// Measurements that came faster than the outbox takes them, so many by now.
    func overflowed(_ count: Int) {
        guard Repeats.isTold(count) else { return }
        logger.warning("measurements.dropped", metadata: ["why": "intake", "count": "\(count)"])
    }

    /// Dead letters that gave way to newer ones.
    func givenUp(_ letters: [DeadLetter]) {
        if !letters.isEmpty {
            logger.warning(
                "dead-letters.dropped", metadata: ["why": "outbox.dead-letter-bytes", "count": "\(letters.count)"])
        }
    }

    func notBuried(_ reason: String) {
        let count = state.withLock { state in
            state.unburied += 1
            return state.unburied
        }
        if Repeats.isTold(count) { logger.error("dead-letters.failing", metadata: ["why": "\(reason)"]) }
    }

    /// One line when the first delivery fails and one when none is failing any more, however many there are meanwhile: a unit
    /// whose measurement fails again and again beside others that are delivered is one outage.
    func note(_ outcome: DeliveryOutcome, _ records: [OutboxRecord]) {
        switch outcome {
        case .retry(let reason, let after):
            let until = clock.monotonic() + Self.memory + (after ?? .zero)
            let isFirst = state.withLock { state in
                defer { state.isFailing = true }
                for record in records { state.failing[record.unit] = until }
                return !state.isFailing
            }
            if isFirst { logger.warning("webhook.failing", metadata: ["why": "\(reason)"]) }
        case .tooMany(let reason): logger.warning("webhook.batch-refused", metadata: ["why": "\(reason)"])
        case .answered(let verdicts):
            if hasRecovered(records) { logger.notice("webhook.recovered") }
            noteAuthorization(verdicts)
            for (record, verdict) in zip(records, verdicts) {
                if case .rejected(_, let reason) = verdict { noteRejection(reason, record) }
            }
        }
    }

    private func hasRecovered(_ answered: [OutboxRecord]) -> Bool {
        let now = clock.monotonic()
        return state.withLock { state in
            guard state.isFailing else { return false }
            for record in answered { state.failing[record.unit] = nil }
            guard state.failing.values.allSatisfy({ $0 <= now }) else { return false }
            state.failing = [:]
            state.isFailing = false
            return true
        }
    }

    /// One line when the token is refused, and one when it is accepted again: each measurement meanwhile is a dead letter.
    private func noteAuthorization(_ verdicts: [DeliveryOutcome.Verdict]) {
        let refusal = verdicts.contains(.accepted) ? nil : verdicts.lazy.compactMap(\.unauthorized).first
        guard refusal != nil || verdicts.contains(.accepted) else { return }
        let isNews = state.withLock { state in
            defer { state.isUnauthorized = refusal != nil }
            return state.isUnauthorized != (refusal != nil)
        }
        guard isNews else { return }
        guard let refusal else { return logger.notice("webhook.authorized") }
        logger.error(
            "webhook.unauthorized",
            metadata: [
                "why": "\(refusal)",
                "what":
                    "measurements become dead letters; mend the token and restart, then `iot base dead-letters retry --all`",
            ])
    }

    private func noteRejection(_ reason: String, _ record: OutboxRecord) {
        let count = state.withLock { state in
            state.rejected[record.unit, default: 0] += 1
            return state.rejected[record.unit, default: 0]
        }
        guard Repeats.isTold(count) else { return }
        logger.warning(
            "measurement.rejected",
            metadata: [
                "unit": "\(record.unit)", "value": "\(record.measurement.text)", "why": "\(reason)",
                "count": "\(count)",
            ])
    }
}
