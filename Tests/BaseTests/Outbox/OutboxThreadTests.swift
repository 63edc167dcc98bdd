import TestSupport
import Testing
import UnitProtocol

@testable import Base

@Suite("When the outbox's thread writes acknowledgements", .timeLimit(.minutes(5)))
struct OutboxThreadTests {
    /// A thread with records, for whose store there is nothing to do within an hour but what is asked of it.
    private final class Bench: Sendable {
        let thread: OutboxThread
        let references: [OutboxReference]
        /// How many are acknowledged with each write, and when.
        let writes: AsyncStream<(count: Int, at: ContinuousClock.Instant)>

        init(records: Int, _ thread: OutboxThread) throws {
            let disk = SimulatedDisk()
            let (writes, note) = AsyncStream.makeStream(of: (count: Int, at: ContinuousClock.Instant).self)
            disk.appended = { bytes in
                let ranges = bytes.withUnsafeBytes { Acknowledgements.decode($0) }
                note.yield((ranges.reduce(0) { $0 + $1.count }, .now))
            }
            let clock = OutboxBench.Clock()
            var settings = OutboxSettings()
            settings.sync = .always
            let store = try OutboxStore.open(
                settings: settings, files: disk, clock: clock.outboxClock, run: RunID(high: 0, low: 1),
                report: { _ in })
            let batch = try (0..<records).map { try OutboxMeasurement.test(1, "\($0)") }
            store.append([AppendRequest(batch: batch, deadline: .zero) { _ in }])
            references = store.readable(of: .test(1), after: nil, limit: .max).map(\.reference)
            store.maintain()
            // So its next look, and all else that it does of itself, is an hour away.
            clock.advance(.seconds(-3600))
            self.thread = thread
            self.writes = writes
            thread.start(store)
        }

        deinit { _ = thread.close {} }
    }

    private static func within<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await deadline(.seconds(60), what, body)
    }

    @Test(
        "A single one wakes the thread, and is written when it has rested for 10 ms, not with what comes an hour later")
    func first() async throws {
        let bench = try Bench(records: 20, OutboxThread())
        let rests = try await Self.within("each written") {
            var writes = bench.writes.makeAsyncIterator()
            var rests: [Duration] = []
            for reference in bench.references {
                let start = ContinuousClock.now
                bench.thread.acknowledge([reference])
                let write = try #require(await writes.next())
                #expect(write.count == 1)
                rests.append(write.at - start)
            }
            return rests
        }
        let shortest = try #require(rests.min())
        #expect(shortest >= .milliseconds(10))
        #expect(shortest < .seconds(1))
    }

    @Test("Those that come while one rests are written with it")
    func together() async throws {
        let bench = try Bench(records: 200, OutboxThread(acknowledgementRest: .seconds(3600)))
        let counts = try await Self.within("all written") {
            var writes = bench.writes.makeAsyncIterator()
            var counts: [Int?] = []
            for round in 0..<20 {
                for reference in bench.references[round * 10..<round * 10 + 10] {
                    bench.thread.acknowledge([reference])
                }
                // Whatever else there is to do takes with it what rests.
                #expect(bench.thread.perform { _ in })
                counts.append(await writes.next()?.count)
            }
            return counts
        }
        #expect(counts == Array(repeating: 10, count: 20))
    }

    @Test("A thousand are written at once, fewer rest")
    func thousand() async throws {
        let bench = try Bench(records: 2000, OutboxThread(acknowledgementRest: .seconds(3600)))
        let counts = try await Self.within("two thousand written") {
            var writes = bench.writes.makeAsyncIterator()
            var counts: [Int?] = []
            for first in [0, 1000] {
                bench.thread.acknowledge(Array(bench.references[first..<first + 999]))
                bench.thread.acknowledge([bench.references[first + 999]])
                counts.append(await writes.next()?.count)
            }
            return counts
        }
        #expect(counts == [1000, 1000])
    }
}
