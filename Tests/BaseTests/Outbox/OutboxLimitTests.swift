import Testing
import UnitProtocol

@testable import Base

@Suite("The outbox at its limits")
struct OutboxLimitTests {
    private static func fill(_ bench: OutboxBench, _ count: Int) throws -> [AppendResult?] {
        try (0..<count).map { bench.append([try .test(UInt8($0 % 5), "\($0)")]) }
    }

    @Test("drop-oldest: the oldest segment is given up with its keys, what comes is taken")
    func dropOldest() throws {
        let bench = try OutboxBench(SimulatedDisk()) { $0.maximumBytes = 8 * 4096 }
        let results = try Self.fill(bench, 2000)
        let dropped = bench.events.flatMap { if case .dropped(let drops) = $0 { drops } else { [OutboxDrop]() } }
        #expect(dropped.count > 1000)
        #expect(dropped.map(\.reason) == Array(repeating: .oldest, count: dropped.count))
        #expect(dropped.map(\.key) == results.prefix(dropped.count).map { $0?.key(0) })
        #expect(bench.waiting.count == 2000 - dropped.count)
        #expect(bench.store.fileBytes <= 8 * 4096)
        #expect(bench.store.status.drops == [.oldest: dropped.count])
        #expect(results.allSatisfy { $0?.place == .disk })
    }

    @Test("drop-newest: what comes is refused with its key until something is delivered")
    func dropNewest() throws {
        let bench = try OutboxBench(SimulatedDisk()) {
            $0.maximumBytes = 8 * 4096
            $0.atLimit = .dropNewest
        }
        let results = try Self.fill(bench, 2000).compactMap { $0 }
        let taken = results.prefix { $0.place == .disk }.count
        #expect(taken > 500)
        #expect(
            results[taken]
                == AppendResult(
                    run: bench.store.run, sequences: UInt64(taken + 1)..<UInt64(taken + 2), place: .nowhere,
                    dropped: [OutboxDrop(key: results[taken].key(0), unit: .test(UInt8(taken % 5)), reason: .newest)]))
        #expect(bench.waiting.count == taken)
        for unit in 0..<5 { bench.acknowledge(UInt8(unit), 40) }
        #expect(bench.append(try measurements("1:again"))?.place == .disk)
        #expect(bench.store.fileBytes <= 8 * 4096)
    }

    @Test("block: an append waits for room, others behind it, and is refused when its time is over")
    func block() throws {
        let bench = try OutboxBench(SimulatedDisk()) {
            $0.maximumBytes = 8 * 4096
            $0.atLimit = .block
        }
        let taken = try Self.fill(bench, 1000).prefix { $0?.place == .disk }.count
        let before = bench.waiting
        let first = bench.pending.count
        #expect(bench.append(try measurements("1:first"), waitingAtMost: .seconds(5)) == nil)
        #expect(bench.append(try measurements("1:second"), waitingAtMost: .seconds(50)) == nil)
        #expect(bench.store.nextMaintenance == bench.clock.outboxClock.monotonic() + .seconds(5))
        bench.clock.advance(.seconds(5))
        bench.store.maintain()
        #expect(
            bench.result(first)?.dropped == [OutboxDrop(key: nil, unit: .test(1), reason: .blocked)])
        #expect(bench.result(first + 1) == nil)
        #expect(bench.waiting == before)
        for unit in 0..<5 { bench.acknowledge(UInt8(unit), taken / 10) }
        bench.store.maintain()
        #expect(bench.result(first + 1)?.place == .disk)
        #expect(bench.waiting.last == "1:second")
    }

    @Test(
        "A batch larger than all that may be kept ends, whatever the policy",
        arguments: OutboxSettings.LimitPolicy.allCases)
    func huge(_ policy: OutboxSettings.LimitPolicy) throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk) {
            $0.maximumBytes = 8 * 4096
            $0.atLimit = policy
        }
        let batch = try (0..<3000).map { try OutboxMeasurement.test(1, "\($0)") }
        let result = try #require(bench.append(batch))
        #expect(disk.bytes <= 8 * 4096)
        let kept = bench.waiting(1)
        switch policy {
        case .dropOldest: #expect(kept == (3000 - kept.count..<3000).map(String.init))
        case .dropNewest: #expect(kept == (0..<kept.count).map(String.init))
        case .block: #expect(kept == [])
        }
        #expect(result.dropped.count == 3000 - kept.count)
        #expect(kept.isEmpty == (policy == .block))
    }

    @Test("block: while the disk takes nothing, of a batch larger than what memory may keep nothing is taken")
    func hugeInMemory() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk) {
            $0.atLimit = .block
            $0.memoryRecords = 3
        }
        disk.capacity = 0
        #expect(bench.append(try measurements("1:a"))?.place == .memory)
        #expect(bench.append(try measurements("1:b 2:c 1:d 2:e"), waitingAtMost: .seconds(5)) == nil)
        bench.acknowledge(1)
        bench.clock.advance(.seconds(5))
        bench.store.maintain()
        let units: [IPv4Address] = [.test(1), .test(2), .test(1), .test(2)]
        #expect(bench.result(1)?.dropped == units.map { OutboxDrop(key: nil, unit: $0, reason: .blocked) })
        #expect(bench.append(try measurements("1:f 2:g 1:h"))?.place == .memory)
        #expect(bench.waiting == ["1:f", "2:g", "1:h"])
    }

    @Test("What is older than it may be is dropped an eighth later at most; a wall clock that jumps changes nothing")
    func age() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk) { $0.maximumAge = .seconds(1600) }
        bench.append(try measurements("1:old"))
        bench.clock.advance(.seconds(100))
        bench.store.maintain()
        bench.append(try measurements("1:young"))
        bench.clock.setWall(4_000_000_000_000)
        bench.store.maintain()
        #expect(bench.waiting(1) == ["old", "young"])
        bench.clock.advance(.seconds(1499))
        bench.store.maintain()
        #expect(bench.waiting(1) == ["old", "young"])
        bench.clock.advance(.seconds(1))
        bench.store.maintain()
        #expect(bench.waiting(1) == ["young"])
        #expect(bench.store.status.drops == [.expired: 1])
        bench.clock.setWall(0)
        bench.clock.advance(.seconds(100))
        bench.store.maintain()
        #expect(bench.waiting(1) == [])
    }

    @Test("Segments that are gathered do not keep what is too old")
    func gathered() throws {
        let bench = try OutboxBench(SimulatedDisk()) { $0.maximumAge = .seconds(1600) }
        for minute in 0..<200 {
            bench.append([try .test(1, "\(minute)")])
            bench.clock.advance(.seconds(60))
            for _ in 0..<20 { bench.store.maintain() }
            let oldest = try #require(bench.waiting(1).first.flatMap { Int($0) })
            #expect((minute - oldest) * 60 < 1600 + 200 + 60)
        }
        #expect(bench.store.segments.count < 20)
        #expect((bench.store.status.drops[.expired] ?? 0) > 150)
    }

    @Test("Over a restart the age is the wall clock's")
    func ageOverRestarts() throws {
        let disk = SimulatedDisk()
        let first = try OutboxBench(disk) { $0.maximumAge = .seconds(1600) }
        first.append(try measurements("1:a"))
        let clock = OutboxBench.Clock()
        clock.advance(.seconds(1000))
        let second = try OutboxBench(disk.afterCrash(power: true), clock: clock) { $0.maximumAge = .seconds(1600) }
        clock.advance(.seconds(599))
        second.store.maintain()
        #expect(second.waiting(1) == ["a"])
        clock.advance(.seconds(1))
        second.store.maintain()
        #expect(second.waiting(1) == [])
    }

    @Test(
        "A full disk: records go to memory with an alarm, are read there, and are written in order when there is room")
    func fullDisk() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        bench.append(try measurements("1:a 2:b"))
        disk.capacity = disk.bytes + 10
        #expect(bench.append(try measurements("1:c"))?.place == .memory)
        #expect(bench.append(try measurements("2:d 1:e"))?.place == .memory)
        #expect(bench.waiting == ["1:a", "2:b", "1:c", "2:d", "1:e"])
        #expect(bench.waiting(1) == ["a", "c", "e"])
        let reason = "cannot write 00000000000000000001.segment: No space left on device"
        #expect(bench.events == [.degraded(reason: reason)])
        #expect(bench.store.status.degraded == reason)
        bench.acknowledge(2)
        disk.capacity = .max
        bench.clock.advance(.seconds(1))
        bench.store.maintain()
        #expect(bench.events.last == .recovered(records: 2))
        #expect(bench.waiting == ["1:a", "1:c", "1:e"])
        #expect(try OutboxBench(disk.afterCrash(power: true)).waiting == ["1:a", "2:b", "1:c", "1:e"])
    }

    @Test("A disk that stays full is asked again with pauses up to a limit, and memory keeps what it may")
    func staysFull() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        disk.capacity = 0
        for index in 0..<130 { bench.append([try .test(1, "\(index)")]) }
        #expect(bench.waiting(1) == (30..<130).map(String.init))
        #expect(bench.store.status.drops == [.oldest: 30])
        var pauses: [Duration] = []
        for _ in 0..<8 {
            let now = bench.clock.outboxClock.monotonic()
            let next = try #require(bench.store.degradation?.nextProbe)
            pauses.append(next - now)
            bench.clock.advance(next - now)
            bench.store.maintain()
        }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        #expect(bench.events.filter { if case .degraded = $0 { true } else { false } }.count == 1)
        disk.capacity = .max
        bench.store.close()
        #expect(try OutboxBench(disk.afterCrash(power: true)).waiting(1) == (30..<130).map(String.init))
    }

    @Test("A disk that stays full while memory is emptied: one alarm, until a write has come through")
    func emptiedWhileFull() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        bench.append(try measurements("1:a"))
        bench.acknowledge(1)
        disk.capacity = disk.bytes + 10
        for index in 0..<10 {
            #expect(bench.append([try .test(1, "\(index)")])?.place == .memory)
            bench.acknowledge(1)
            #expect(bench.store.status.waiting == 0)
            bench.clock.advance(.seconds(30))
            bench.store.maintain()
        }
        let reason = "cannot write 00000000000000000001.segment: No space left on device"
        #expect(bench.events == [.degraded(reason: reason)])
        let names = disk.files.keys.sorted()
        disk.capacity = .max
        bench.clock.advance(.seconds(30))
        bench.store.maintain()
        #expect(bench.events == [.degraded(reason: reason), .recovered(records: 0)])
        #expect(disk.files.keys.sorted() == names)
        #expect(bench.append(try measurements("1:b"))?.place == .disk)
    }

    @Test("A sync that fails: what was not promised goes to memory and then to another file, nothing twice")
    func failingSync() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        bench.append(try measurements("1:a"))
        disk.failingSyncs = 2
        let failed = OutboxNames.name(1, .segment)
        #expect(bench.append(try measurements("1:b 2:c"))?.place == .memory)
        let length = try disk.size(failed)
        #expect(bench.append(try measurements("1:d"))?.place == .memory)
        for _ in 0..<2 {
            bench.clock.advance(.seconds(30))
            bench.store.maintain()
        }
        #expect(bench.events.last == .recovered(records: 3))
        #expect(bench.waiting == ["1:a", "1:b", "2:c", "1:d"])
        #expect(bench.append(try measurements("1:e"))?.place == .disk)
        // What the kernel could not write it may have forgotten, so nothing follows it.
        #expect(try disk.size(failed) == length)
        for power in [false, true] {
            let next = try OutboxBench(disk.afterCrash(power: power))
            #expect(next.waiting == ["1:a", "1:b", "2:c", "1:d", "1:e"])
            next.acknowledge(1)
            next.acknowledge(2)
            #expect(next.waiting == [])
        }
    }

    @Test("A full disk that cuts every write short at every byte loses nothing and changes no order")
    func everyCapacity() throws {
        for capacity in stride(from: 0, through: 1500, by: 13) {
            let disk = SimulatedDisk()
            disk.capacity = capacity
            let bench = try OutboxBench(disk) { $0.segmentBytes = 4096 }
            var given: [String] = []
            for index in 0..<30 {
                bench.append([try .test(UInt8(index % 2), "\(index)")])
                given.append("\(index % 2):\(index)")
                if index == 20 {
                    disk.capacity = .max
                    bench.clock.advance(.seconds(30))
                    bench.store.maintain()
                }
            }
            #expect(bench.waiting == given)
            #expect(try OutboxBench(disk.afterCrash(power: true)).waiting == given)
        }
    }

    @Test("What was accepted while the wall clock was not set is not too old when it is")
    func clockNotSet() throws {
        let disk = SimulatedDisk()
        let first = try OutboxBench(disk) { $0.maximumAge = .seconds(1600) }
        first.clock.setWall(5000)
        first.append(try measurements("1:a"))
        let second = try OutboxBench(disk.afterCrash(power: true)) { $0.maximumAge = .seconds(1600) }
        second.store.maintain()
        #expect(second.waiting(1) == ["a"])
        second.clock.advance(.seconds(1600))
        second.store.maintain()
        #expect(second.waiting(1) == [])
    }

    @Test("Settings that cannot work are refused")
    func settings() {
        #expect(throws: OutboxError.settings("segments have 4 KiB to 64 MiB, not 100 bytes")) {
            try OutboxBench(SimulatedDisk()) { $0.segmentBytes = 100 }
        }
        #expect(
            throws: OutboxError.settings("the files may have 9000 bytes, but eight segments of 4096 must fit into that")
        ) {
            try OutboxBench(SimulatedDisk()) { $0.maximumBytes = 9000 }
        }
    }
}
