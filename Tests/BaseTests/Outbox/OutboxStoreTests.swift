import Testing
import UnitProtocol

@testable import Base

@Suite("The outbox's store")
struct OutboxStoreTests {
    @Test("What was accepted is read back in order, by unit and over all, and is there after a restart with its keys")
    func restart() throws {
        let disk = SimulatedDisk()
        let first = try OutboxBench(disk, run: 0xA)
        let result = first.append(try measurements("1:a 2:b 1:c"))
        #expect(
            result
                == AppendResult(run: RunID(high: 0, low: 0xA), sequences: 1..<4, place: .disk, dropped: []))
        first.append(try measurements("3:d 1:e"))
        #expect(first.waiting(1) == ["a", "c", "e"])
        #expect(first.waiting == ["1:a", "2:b", "1:c", "3:d", "1:e"])
        first.acknowledge(1, 1)
        first.acknowledge(3)
        #expect(first.waiting == ["2:b", "1:c", "1:e"])
        let second = try OutboxBench(disk.afterCrash(power: false), run: 0xB)
        #expect(second.waiting == ["2:b", "1:c", "1:e"])
        #expect(second.append(try measurements("2:f"))?.key(0).description == String(repeating: "0", count: 31) + "b-6")
        #expect(
            second.records.map(\.key.description).map { $0.suffix(3) } == [
                "a-2", "a-3", "a-5", "b-6",
            ])
        #expect(second.store.repair.waiting == 3)
        #expect(second.events == [])
    }

    @Test("Reading goes on after a sequence, over segments")
    func paging() throws {
        let bench = try OutboxBench(SimulatedDisk())
        let texts = (0..<500).map { "\($0)" }
        for text in texts { bench.append([try .test(UInt8((Int(text) ?? 0) % 3), text)]) }
        #expect(bench.store.segments.count > 5)
        for limit in [1, 7, 100] {
            var all: [OutboxRecord] = []
            while true {
                let page = bench.store.readable(of: .test(1), after: all.last?.key.sequence, limit: limit)
                guard !page.isEmpty else { break }
                #expect(page.count <= limit)
                all += page
            }
            #expect(all.map(\.measurement.text) == texts.enumerated().filter { $0.offset % 3 == 1 }.map(\.element))
        }
    }

    @Test("Sequences go on where the last run has ended, also when everything was delivered")
    func sequences() throws {
        var disk = SimulatedDisk()
        var last: UInt64 = 0
        for run in 1..<6 {
            let bench = try OutboxBench(disk, run: UInt64(run))
            for _ in 0..<100 {
                let result = try #require(bench.append(try measurements("1:a 2:b")))
                #expect(result.sequences.lowerBound == last + 1)
                last += 2
            }
            bench.acknowledge(1)
            bench.acknowledge(2)
            disk = disk.afterCrash(power: run % 2 == 0)
        }
    }

    @Test("Segments without a waiting record are removed, the newest excepted")
    func removal() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        for _ in 0..<300 { bench.append(try measurements("1:abcdefgh")) }
        #expect(bench.store.segments.count > 3)
        bench.acknowledge(1)
        #expect(disk.files.count == 2)
        #expect(bench.store.segments.count == 1)
        #expect(bench.store.status.waiting == 0)
    }

    @Test("One dead unit keeps no space for what others have delivered, and its records keep their order and keys")
    func deadUnit() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        var dead: [OutboxKey] = []
        for round in 0..<2000 {
            let result = try #require(bench.append(try measurements("1:\(round) 2:\(round) 3:\(round)")))
            if round % 50 == 0 {
                let extra = try #require(bench.append(try measurements("9:dead-\(round)")))
                dead.append(extra.key(0))
            }
            #expect(result.place == .disk)
            for unit in 1...3 { bench.acknowledge(UInt8(unit)) }
            bench.store.maintain()
        }
        #expect(bench.store.readable(of: .test(9), after: nil, limit: .max).map(\.key) == dead)
        #expect(bench.store.fileBytes < 4 * 4096)
        #expect(bench.store.fileBytes == disk.bytes)
        let next = try OutboxBench(disk.afterCrash(power: false), run: 2)
        #expect(next.store.readable(of: .test(9), after: nil, limit: .max).map(\.key) == dead)
        #expect(next.waiting(1) == [])
    }

    @Test("Values newer than a backlog may be acknowledged before it")
    func freshFirst() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        let result = try #require(bench.append(try measurements("1:old 1:older 1:fresh 1:newest")))
        bench.store.retire([OutboxReference(unit: .test(1), sequence: result.sequences.lowerBound + 2)])
        bench.store.retire([
            OutboxReference(unit: .test(1), sequence: 77), OutboxReference(unit: .test(5), sequence: 1),
        ])
        #expect(bench.waiting(1) == ["old", "older", "newest"])
        #expect(try OutboxBench(disk.afterCrash(power: false)).waiting(1) == ["old", "older", "newest"])
    }

    @Test("The age of what waits longest is that of the record, after a restart, in memory, and when the clock jumped")
    func oldestAge() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        #expect(bench.store.status.oldestAge == nil)
        for unit in 1...5 { bench.append([try .test(UInt8(unit), "old")]) }
        for _ in 0..<50 {
            bench.clock.advance(.seconds(360))
            bench.append(try measurements("2:later"))
        }
        #expect(bench.store.segments.count == 1)
        #expect(bench.store.status.oldestAge == .seconds(18_000))
        for unit: UInt8 in [1, 3, 4, 5] { bench.acknowledge(unit) }
        #expect(bench.store.status.oldestAge == .seconds(18_000))
        bench.acknowledge(2, 50)
        #expect(bench.store.status.oldestAge == .zero)
        bench.clock.advance(.seconds(7))
        #expect(bench.store.status.oldestAge == .seconds(7))
        let next = try OutboxBench(disk.afterCrash(power: false), clock: bench.clock, run: 2)
        #expect(next.store.status.oldestAge == .seconds(7))
        // What an earlier run has left is, a year ahead, as old as the oldest of the segment at most; back: as the newest at least.
        bench.clock.setWall(1_750_000_000_000)
        #expect([bench, next].map(\.store.status.oldestAge) == [.seconds(7), .seconds(18_007)])
        bench.clock.setWall(0)
        #expect([bench, next].map(\.store.status.oldestAge) == [.seconds(7), .seconds(7)])
        bench.acknowledge(2)
        disk.capacity = 0
        bench.append(try measurements("1:a"))
        bench.clock.advance(.seconds(3))
        #expect(bench.store.status.inMemory == 1)
        #expect(bench.store.status.oldestAge == .seconds(3))
    }

    @Test("A text that no record can carry is given up with its key")
    func tooLong() throws {
        let bench = try OutboxBench(SimulatedDisk())
        let long = String(repeating: "x", count: 1025)
        let result = try #require(bench.append(try measurements("1:a 1:\(long) 1:b")))
        let drop = OutboxDrop(key: result.key(1), unit: .test(1), reason: .tooLong)
        #expect(result.dropped == [drop])
        #expect(bench.waiting(1) == ["a", "b"])
        #expect(bench.events == [.dropped([drop])])
        #expect(bench.store.status.drops == [.tooLong: 1])
    }
}
