import TestSupport
import Testing
import UnitProtocol

@testable import Base

@Suite("The outbox after a crash")
struct OutboxCrashTests {
    /// What a process knew when it ended.
    private struct Known {
        /// Answered as being on the disk, by unit, in order.
        var promised: [IPv4Address: [OutboxKey]] = [:]
        var acknowledged: Set<OutboxKey> = []
        var given: [OutboxKey: String] = [:]
    }

    /// Appends, acknowledges and rewrites until the disk is dead.
    private static func work(_ disk: SimulatedDisk, run: UInt64, known: inout Known) throws {
        let bench = try OutboxBench(disk, run: run)
        for round in 0..<25 {
            let texts = (0..<12).map { "\(run)-\(round)-\($0)" }
            let units = (0..<12).map { UInt8($0 % 3) }
            let result = bench.append(try zip(units, texts).map { try .test($0, $1) })
            guard let result else { break }
            for index in 0..<12 {
                known.given[result.key(index)] = texts[index]
                guard result.place == .disk else { continue }
                known.promised[.test(units[index]), default: []].append(result.key(index))
            }
            for unit in [UInt8(1), 2] {
                let records = bench.store.readable(of: .test(unit), after: nil, limit: 3)
                known.acknowledged.formUnion(records.map(\.key))
                bench.store.retire(records.map(\.reference))
            }
            if round % 4 == 3 {
                let records = bench.store.readable(of: .test(0), after: nil, limit: 33)
                known.acknowledged.formUnion(records.map(\.key))
                bench.store.retire(records.map(\.reference))
                bench.acknowledge(200)
            }
            bench.store.maintain()
            if disk.calls > disk.deadFrom { break }
        }
    }

    private static func check(_ disk: SimulatedDisk, _ known: Known, _ comment: Comment) throws {
        let bench = try OutboxBench(disk, run: 99)
        for unit in 0..<3 {
            let unit = IPv4Address.test(UInt8(unit))
            let found = bench.store.readable(of: unit, after: nil, limit: .max)
            let must = (known.promised[unit] ?? []).filter { !known.acknowledged.contains($0) }
            let wanted = Set(must)
            #expect(found.map(\.key).filter { wanted.contains($0) } == must, comment)
            #expect(found.map(\.key.sequence) == found.map(\.key.sequence).sorted(), comment)
            #expect(Set(found.map(\.key)).count == found.count, comment)
            #expect(found.map(\.measurement.text) == found.map { known.given[$0.key] }, comment)
        }
        let all = bench.records.count
        #expect(all == bench.store.index.count, comment)
        #expect(bench.events.filter { if case .dropped = $0 { true } else { false } } == [], comment)
        #expect(bench.store.segments.reduce(0) { $0 + $1.live } == all, comment)
    }

    @Test(
        "The process or the power may end at any call: nothing is lost that was promised, and no order or key changes")
    func anywhere() throws {
        var calls = 0
        do {
            let disk = SimulatedDisk()
            var known = Known()
            try Self.work(disk, run: 1, known: &known)
            calls = disk.calls
        }
        #expect(calls > 150)
        for death in 1...calls {
            for power in [false, true] {
                let disk = SimulatedDisk()
                disk.deadFrom = death
                disk.removesAtOnce = death % 2 == 0
                var known = Known()
                do {
                    try Self.work(disk, run: 1, known: &known)
                } catch is FileFailure {
                    #expect(known.promised.isEmpty)
                }
                let comment = Comment(rawValue: "dead from call \(death), power \(power)")
                try Self.check(disk.afterCrash(power: power), known, comment)
                guard death % 7 == 0 else { continue }
                // And once more, in the middle of the next run.
                let second = disk.afterCrash(power: power)
                second.deadFrom = death / 2
                do {
                    try Self.work(second, run: 2, known: &known)
                } catch is FileFailure {}
                try Self.check(second.afterCrash(power: !power), known, comment)
            }
        }
    }

    @Test("A crash at any call of a compaction loses nothing that waits, and doubles nothing")
    func compaction() throws {
        let disk = SimulatedDisk()
        let first = try OutboxBench(disk)
        for index in 0..<600 {
            first.append([try .test(index % 25 == 0 ? 9 : 1, "\(index)")])
        }
        let waiting = first.waiting(9)
        first.acknowledge(1)
        var gathered = 0
        for death in 1...60 {
            for power in [false, true] {
                for removesAtOnce in [false, true] {
                    let copy = disk.afterCrash(power: false)
                    let bench = try OutboxBench(copy, run: 2)
                    let before = bench.store.segments.count
                    copy.deadFrom = copy.calls + death
                    copy.removesAtOnce = removesAtOnce
                    for _ in 0..<6 { bench.store.maintain() }
                    gathered = max(gathered, before - bench.store.segments.count)
                    #expect(bench.waiting(9) == waiting || copy.calls > copy.deadFrom)
                    let next = try OutboxBench(copy.afterCrash(power: power), run: 3)
                    #expect(next.waiting(9) == waiting)
                    #expect(next.waiting.count == next.store.index.count)
                    next.acknowledge(9)
                    #expect(try OutboxBench(copy.afterCrash(power: power), run: 4).waiting(9) == waiting)
                }
            }
        }
        #expect(gathered > 3)
    }

    /// A folder with three segments and acknowledgements.
    private static func folder() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        for index in 0..<200 { bench.append([try .test(UInt8(index % 2), "\(index)")]) }
        bench.acknowledge(1, 20)
        #expect(bench.store.segments.count == 3)
        return disk.afterCrash(power: false)
    }

    @Test("The newest segment cut off at any byte: the records before it are there, the rest is counted and cut away")
    func cuts() throws {
        let disk = try Self.folder()
        let whole = try OutboxBench(disk.afterCrash(power: false)).waiting
        let newest = try #require(disk.files.keys.filter { $0.hasSuffix(".segment") }.max())
        let bytes = try #require(disk.files[newest]).bytes
        for cut in 0...bytes.count {
            let copy = disk.afterCrash(power: false)
            copy.put(Array(bytes[..<cut]), at: newest)
            let bench = try OutboxBench(copy, run: 2)
            let found = bench.waiting
            #expect(found == Array(whole.prefix(found.count)))
            let repair = bench.store.repair
            let isHeaderTorn = cut < SegmentHeader.count
            #expect(repair.tornTails == (isHeaderTorn || repair.lostBytes > 0 ? 1 : 0))
            #expect(repair.corruptSegments == 0)
            #expect(copy.files[newest]?.bytes.count == (isHeaderTorn ? SegmentHeader.count : cut - repair.lostBytes))
            let again = try OutboxBench(copy.afterCrash(power: true), run: 3)
            #expect(again.waiting == found)
            #expect(again.store.repair.lostBytes == 0)
            #expect(again.store.repair.tornTails == 0)
            let sequence = try #require(again.append(try measurements("1:x"))).sequences.lowerBound
            #expect(sequence > UInt64(200 - whole.count + found.count))
        }
    }

    @Test("Any byte of a segment turned over costs one record at most; the file is kept aside once, and mended")
    func flips() throws {
        let disk = try Self.folder()
        let whole = try OutboxBench(disk.afterCrash(power: false)).waiting
        let first = try #require(disk.files.keys.filter { $0.hasSuffix(".segment") }.min())
        let bytes = try #require(disk.files[first]).bytes
        for place in bytes.indices where place < 400 || place % 7 == 0 || place > bytes.count - 60 {
            let copy = disk.afterCrash(power: false)
            var damaged = bytes
            damaged[place] ^= 0x41
            copy.put(damaged, at: first)
            let bench = try OutboxBench(copy, run: 2)
            let found = bench.waiting
            let kept = Set(found)
            let missing = whole.filter { !kept.contains($0) }
            #expect(missing.count <= (place < SegmentHeader.count ? 0 : 1))
            #expect(found == whole.filter { !missing.contains($0) })
            let repair = bench.store.repair
            #expect(repair.corruptSegments + repair.tornTails == 1)
            #expect(repair.lostRecords == (place < SegmentHeader.count ? 0 : 1))
            let corrupt = first.replacing(".segment", with: ".corrupt")
            #expect((copy.files[corrupt]?.bytes == damaged) == (repair.corruptSegments == 1))
            let again = try OutboxBench(copy.afterCrash(power: true), run: 3)
            #expect(again.waiting == found)
            #expect(again.store.repair.lostBytes == 0)
        }
    }

    @Test("A damaged folder on a disk that takes nothing is read all the same")
    func readOnly() throws {
        let disk = try Self.folder()
        let whole = try OutboxBench(disk.afterCrash(power: false)).waiting
        let first = try #require(disk.files.keys.filter { $0.hasSuffix(".segment") }.min())
        var damaged = try #require(disk.files[first]).bytes
        damaged[SegmentHeader.count + 10] ^= 1
        disk.put(damaged, at: first)
        disk.capacity = 0
        let bench = try OutboxBench(disk)
        #expect(bench.waiting == Array(whole.dropFirst()))
        #expect(bench.append(try measurements("1:x"))?.place == .memory)
        #expect(bench.waiting == whole.dropFirst() + ["1:x"])
    }

    @Test("A sequence that was acknowledged is not given again, also when its record was torn off")
    func tornAcknowledged() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk)
        bench.append(try measurements("1:a 1:b 2:c 2:d"))
        bench.acknowledge(2)
        let name = "00000000000000000001.segment"
        let bytes = try #require(disk.files[name]).bytes
        disk.put(Array(bytes.prefix(SegmentHeader.count + 60)), at: name)
        let next = try OutboxBench(disk, run: 2)
        #expect(next.waiting == ["1:a"])
        #expect(next.append(try measurements("1:e 1:f"))?.sequences == 5..<7)
        #expect(try OutboxBench(disk.afterCrash(power: false), run: 3).waiting == ["1:a", "1:e", "1:f"])
    }

    @Test("A segment that the disk cannot read is kept aside, and the others are read")
    func unreadable() throws {
        let disk = try Self.folder()
        let whole = try OutboxBench(disk.afterCrash(power: false)).waiting
        let names = disk.files.keys.filter { $0.hasSuffix(".segment") }.sorted()
        disk.unreadable = names[1]
        let bench = try OutboxBench(disk)
        #expect(bench.events == [.trouble("cannot read \(names[1]): Input/output error")])
        #expect(bench.store.repair.corruptSegments == 1)
        let found = bench.waiting
        #expect(found == whole.filter { Set(found).contains($0) } && found.count > whole.count / 2)
        #expect(disk.files[names[1].replacing(".segment", with: ".corrupt")] != nil)
        #expect(bench.append(try measurements("1:x"))?.sequences == 201..<202)
    }

    @Test("A file of a later version is refused by name, and nothing is changed")
    func versions() throws {
        let disk = try Self.folder()
        let newest = try #require(disk.files.keys.filter { $0.hasSuffix(".segment") }.max())
        var bytes = try #require(disk.files[newest]).bytes
        bytes[8] = 2
        let covered = Array(bytes[..<12] + bytes[16..<SegmentHeader.count])
        bytes.replace(at: 12, littleEndian: covered.withUnsafeBytes { Checksum.of($0) })
        disk.put(bytes, at: newest)
        let before = disk.files.mapValues(\.bytes)
        #expect(throws: OutboxError.unknownVersion(file: newest, version: 2)) { try OutboxBench(disk) }
        #expect(disk.files.mapValues(\.bytes) == before)
        #expect(
            "\(OutboxError.unknownVersion(file: newest, version: 2))"
                == "\(newest) has version 2 of the outbox's format, and this program knows version 1; use the program that "
                + "has written it, or move the file away")
    }

    @Test("Files of others are left alone, what a crash has left unfinished is removed")
    func foreign() throws {
        let disk = try Self.folder()
        let others = ["notes.txt", "1.segment", "00000000000000000001.segment.bak", "lock", "x.acks"]
        for name in others { disk.put([1, 2, 3], at: name) }
        disk.put([1], at: "00000000000000000001.tmp")
        disk.put([1], at: "00000000000000000777.acks")
        _ = try OutboxBench(disk)
        for name in others { #expect(disk.files[name]?.bytes == [1, 2, 3]) }
        #expect(disk.files["00000000000000000001.tmp"] == nil)
        #expect(disk.files["00000000000000000777.acks"] == nil)
    }
}
