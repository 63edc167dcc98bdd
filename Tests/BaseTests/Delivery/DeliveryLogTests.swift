import Daemon
import Logging
import Synchronization
import Testing
import UnitProtocol

@testable import Base

/// What is told of an outage.
struct DeliveryLogTests {
    private final class Bench: Sendable {
        let clock = OutboxBench.Clock()
        private let lines = Mutex<[String]>([])

        var told: [String] { lines.withLock(\.self) }

        /// The names of the events alone.
        func makeLog() -> DeliveryLog {
            let logger = Logger(label: "base") { label in
                EventLogHandler(label: label) { line in
                    let words = line.split { " \n".contains($0) }
                    self.lines.withLock { $0.append(words.count > 3 ? String(words[3]) : "") }
                }
            }
            return DeliveryLog(logger: logger, clock: clock.outboxClock)
        }
    }

    private static func records(_ units: UInt8...) throws -> [OutboxRecord] {
        try units.map { unit in
            OutboxRecord(
                key: OutboxKey(run: RunID(high: 1, low: 2), sequence: UInt64(unit)), unit: .test(unit), acceptedAt: 0,
                measurement: try Measurement("on"))
        }
    }

    private static let fails = DeliveryOutcome.retry(reason: "refused", after: nil)
    private static let passes = DeliveryOutcome.answered([.accepted, .accepted])

    @Test("an outage is told once, and its end once, when all that failed has passed")
    func once() throws {
        let bench = Bench()
        let log = bench.makeLog()
        for _ in 0..<3 { log.note(Self.fails, try Self.records(1, 2)) }
        #expect(bench.told == ["webhook.failing"])
        log.note(Self.passes, try Self.records(1, 3))
        log.note(Self.fails, try Self.records(2))
        #expect(bench.told == ["webhook.failing"])
        log.note(Self.passes, try Self.records(2))
        log.note(Self.passes, try Self.records(1, 2))
        #expect(bench.told == ["webhook.failing", "webhook.recovered"])
    }

    @Test("one unit that fails for ever beside others that pass is one outage")
    func beside() throws {
        let bench = Bench()
        let log = bench.makeLog()
        for _ in 0..<50 {
            log.note(Self.fails, try Self.records(1))
            bench.clock.advance(DeliverySchedule.backoff.maximum)
            log.note(Self.passes, try Self.records(2, 3))
        }
        #expect(bench.told == ["webhook.failing"])
    }

    @Test("a token that is refused is told once, and once when one is accepted again; other refusals say nothing of it")
    func unauthorized() throws {
        let bench = Bench()
        let log = bench.makeLog()
        func answer(_ statuses: UInt16...) throws {
            let verdicts = statuses.map { status in
                status == 200
                    ? DeliveryOutcome.Verdict.accepted
                    : .rejected(status: status, reason: "the dashboard answered \(status)")
            }
            log.note(.answered(verdicts), try Self.records(1, 2).prefix(statuses.count).map(\.self))
        }
        try answer(404)
        #expect(!bench.told.contains("webhook.unauthorized"))
        try answer(401, 401)
        try answer(403)
        try answer(404)
        #expect(bench.told.count { $0 == "webhook.unauthorized" } == 1)
        #expect(!bench.told.contains("webhook.authorized"))
        try answer(401, 200)
        try answer(200)
        #expect(bench.told.count { $0 == "webhook.authorized" } == 1)
        try answer(403)
        #expect(bench.told.count { $0 == "webhook.unauthorized" } == 2)
    }

    @Test("what failed and was given up by the outbox silences neither the end nor the next outage")
    func givenUp() throws {
        let bench = Bench()
        let log = bench.makeLog()
        log.note(.retry(reason: "busy", after: .seconds(100)), try Self.records(1))
        log.note(Self.fails, try Self.records(2))
        bench.clock.advance(DeliveryLog.memory)
        log.note(Self.passes, try Self.records(2))
        #expect(bench.told == ["webhook.failing"])
        bench.clock.advance(.seconds(100))
        log.note(Self.passes, try Self.records(2))
        #expect(bench.told == ["webhook.failing", "webhook.recovered"])
        log.note(Self.fails, try Self.records(2))
        #expect(bench.told == ["webhook.failing", "webhook.recovered", "webhook.failing"])
    }
}
