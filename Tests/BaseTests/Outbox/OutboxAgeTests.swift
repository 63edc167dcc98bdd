import CoreMetrics
import Testing
import UnitProtocol

@testable import Base

@Suite("The age of measurements")
struct OutboxAgeTests {
    private static let year: Int64 = 365 * 86_400_000

    /// A run in which the wall clock jumps a year ahead, and then two years back, and a measurement a second.
    private static func accepted(by clock: OutboxBench.Clock, _ append: (String) throws -> Void) rethrows {
        for (text, jump) in [("a", year), ("b", -2 * year), ("c", 0)] {
            try append(text)
            clock.advance(.seconds(1))
            clock.setWall(clock.outboxClock.wall() + jump)
        }
    }

    @Test("Within a run a wall clock that jumps by a year makes nothing older or younger, in files and in memory")
    func jumps() throws {
        for capacity in [Int.max, 0] {
            let disk = SimulatedDisk()
            disk.capacity = capacity
            let bench = try OutboxBench(disk)
            try Self.accepted(by: bench.clock) { bench.append(try measurements("1:\($0)")) }
            let records = bench.store.readable(of: .test(1), after: nil, limit: .max)
            for jump in [0, Self.year, -2 * Self.year] {
                bench.clock.setWall(bench.clock.outboxClock.wall() + jump)
                let now = bench.clock.outboxClock.now
                #expect(records.map { $0.age(at: now) } == [3000, 2000, 1000])
                #expect(records.map { MeasurementUpdate($0, at: now)?.age } == [3000, 2000, 1000])
                #expect(bench.store.status.oldestAge == .seconds(3))
            }
            #expect(
                records.map(\.acceptedAt) == [0, 1000 + Self.year, 2000 - Self.year].map { 1_700_000_000_000 + $0 })
        }
    }

    @Test("The time in which the machine sleeps counts as well, in files and in memory")
    func asleep() throws {
        for capacity in [Int.max, 0] {
            let disk = SimulatedDisk()
            disk.capacity = capacity
            let bench = try OutboxBench(disk)
            bench.append(try measurements("1:a"))
            bench.clock.advance(.seconds(1))
            bench.append(try measurements("2:b"))
            bench.clock.sleep(.seconds(3600))
            #expect(bench.store.status.oldestAge == .seconds(3601))
            bench.acknowledge(1)
            #expect(bench.store.status.oldestAge == .seconds(3600))
        }
    }

    @Test("A measurement is as old as the moment says at which it was taken in, before the outbox has it")
    func takenIn() async throws {
        let clock = OutboxBench.Clock()
        let outbox = try Outbox(
            files: SimulatedDisk(), settings: OutboxBench.settings, clock: clock.outboxClock, report: { _ in })
        let intake = Intake(outbox: outbox, clock: clock.outboxClock)
        let (taken, told) = AsyncStream.makeStream(of: OutboxRecord.self)
        var taking = taken.makeAsyncIterator()
        for (text, jump) in [("a", Self.year), ("b", -2 * Self.year)] {
            intake.take(try Measurement(text), from: .test(1)) { records, _ in
                for record in records { told.yield(record) }
            }
            let record = try #require(await taking.next())
            clock.advance(.seconds(1))
            clock.setWall(clock.outboxClock.wall() + jump)
            #expect(record.age(at: clock.outboxClock.now) == 1000)
            #expect(try await outbox.records(of: .test(1), limit: 9).last == record)
        }
        await outbox.close()
    }

    @Test("Over a restart the wall clock is all there is")
    func restart() throws {
        let disk = SimulatedDisk()
        let first = try OutboxBench(disk, run: 1)
        first.append(try measurements("1:a"))
        let clock = OutboxBench.Clock()
        clock.advance(.seconds(10))
        let second = try OutboxBench(disk.afterCrash(power: true), clock: clock, run: 2)
        second.append(try measurements("1:b"))
        clock.advance(.seconds(1))
        let records = second.store.readable(of: .test(1), after: nil, limit: .max)
        #expect(records.map { $0.age(at: clock.outboxClock.now) } == [11_000, 1000])
        clock.setWall(clock.outboxClock.wall() + Self.year)
        #expect(records.map { $0.age(at: clock.outboxClock.now) } == [11_000 + Self.year, 1000])
        clock.setWall(0)
        #expect(records.map { $0.age(at: clock.outboxClock.now) } == [0, 1000])
    }

    @Test("The time that a measurement takes to the dashboard is the steady clock's too")
    func latency() throws {
        let bench = try OutboxBench(SimulatedDisk())
        try Self.accepted(by: bench.clock) { bench.append(try measurements("1:\($0)")) }
        let records = bench.store.readable(of: .test(1), after: nil, limit: .max)
        let meter = DeliveryMeter(timer: NOOPMetricsHandler.instance.makeTimer(label: "", dimensions: []))
        bench.clock.setWall(0)
        meter.note(
            .answered(Array(repeating: .accepted, count: records.count)), records, clock: bench.clock.outboxClock)
        var latency = LatencyHistogram()
        for seconds in [3, 2, 1] { latency.record(.seconds(seconds)) }
        #expect(meter.counts == DeliveryMeter.Counts(results: [.accepted: 3, .rejected: 0], latency: latency))
    }

    @Test("A clock that is moved gently makes few steps, one that never rests no more than are kept")
    func steps() throws {
        var steps = WallClockSteps()
        for second in 0..<1000 {
            steps.note(OutboxMoment(steady: .seconds(second), wall: Int64(second) * 1001), UInt64(second + 1))
        }
        let errors = try (0..<1000).map { second in
            let steady = try #require(steps.steady(of: UInt64(second + 1), wall: Int64(second) * 1001))
            return steady - .seconds(second)
        }
        #expect(errors == (0..<1000).map { .milliseconds($0 % 11) })
        for step in 1...WallClockSteps.most {
            steps.note(OutboxMoment(steady: .zero, wall: Int64(step) * 10_000), UInt64(2000 + step))
        }
        #expect(steps.steady(of: 1000, wall: 999_999) == nil)
        #expect(steps.steady(of: 2001, wall: 10_007) == .milliseconds(7))
        #expect(steps.steady(of: 2002, wall: 20_007) == .milliseconds(7))
        #expect(steps.steady(of: .max, wall: 10_000_000) == .zero)
    }
}
