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
