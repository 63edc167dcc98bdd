import Testing
import UnitProtocol

@testable import Base

@Suite("An outbox whose disk fails now and then")
struct OutboxReadFailureTests {
    private static let name = "00000000000000000001.segment"

    @Test("What cannot be read now is asked for again, told of, and given up only after a long time")
    func reads() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        bench.append(try measurements("1:a 1:b"))
        disk.unreadable = Self.name
        for _ in 0..<3 {
            #expect(bench.store.records(of: .test(1), after: nil, limit: 9) == nil)
            bench.clock.advance(OutboxStore.readPatience / 2 - .seconds(1))
            disk.unreadable = nil
            #expect(bench.waiting(1) == ["a", "b"])
            disk.unreadable = Self.name
        }
        #expect(bench.store.drops == [:])
        #expect(bench.events.contains(.trouble("cannot read \(Self.name): Input/output error")))
        #expect(bench.store.records(of: .test(1), after: nil, limit: 9) == nil)
        bench.clock.advance(OutboxStore.readPatience)
        #expect(bench.store.records(of: .test(1), after: nil, limit: 9) == [])
        #expect(bench.store.drops == [.unreadable: 2])
    }

    @Test("One bad block holds its unit up for a long time at most, though the rest of its segment is read meanwhile")
    func block() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        bench.append(try measurements("1:a 1:b 2:c"))
        (disk.unreadable, disk.unreadableOffset) = (Self.name, SegmentHeader.count)
        #expect(bench.store.records(of: .test(1), after: nil, limit: 9) == nil)
        bench.clock.advance(OutboxStore.readPatience - .seconds(1))
        #expect(bench.waiting(2) == ["c"])
        #expect(bench.store.records(of: .test(1), after: nil, limit: 9) == nil)
        bench.clock.advance(.seconds(1))
        #expect(bench.waiting(2) == ["c"])
        #expect(bench.waiting(1) == ["b"])
        #expect(bench.store.drops == [.unreadable: 1])
    }

    @Test("always: what was said to be on the disk is there after a power cut, though the rest of its round failed")
    func halfARound() throws {
        let disk = SimulatedDisk()
        func settings(_ settings: inout OutboxSettings) {
            settings.segmentBytes = 4 * 1024 * 1024
            settings.maximumBytes = 64 * 1024 * 1024
            settings.memoryRecords = 1_000_000
        }
        let bench = try OutboxBench(disk, settings)
        bench.append(try measurements("1:first"))
        // The first chunk has room, the second has not; then it cannot be cut off either.
        disk.capacity = disk.bytes + OutboxStore.chunkBytes + 400_000
        disk.failingTruncates = 1
        bench.append(try (0..<40_000).map { try OutboxMeasurement.test(1, "\($0)") })
        let status = bench.store.status
        #expect(status.waiting == 40_001 && status.inMemory > 0)
        let after = try OutboxBench(disk.afterCrash(power: true), run: 2, settings)
        // Of what was written last there may be whole records before the half one; these come twice, with the same key.
        #expect(after.store.status.waiting >= status.waiting - status.inMemory)
    }

    @Test("One that stays in memory for ever does not keep the places of all that come and go behind it")
    func memory() throws {
        var ring = MemoryRing()
        func record(_ sequence: UInt64) throws -> OutboxRecord {
            OutboxRecord(
                key: OutboxKey(run: RunID(high: 0, low: 1), sequence: sequence), unit: .test(1), acceptedAt: 0,
                measurement: try Measurement("1"))
        }
        ring.append(try record(1))
        for sequence in UInt64(2)...20_000 {
            ring.append(try record(sequence))
            if sequence > 3 { ring.remove(sequence - 1) }
        }
        #expect(ring.oldest(9).map(\.key.sequence) == [1, 2, 20_000])
        #expect(ring.count == 3 && ring.places < 300)
        #expect(ring.record(2) != nil && ring.record(19_999) == nil)
    }
}
