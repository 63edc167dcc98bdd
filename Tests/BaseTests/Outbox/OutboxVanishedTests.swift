import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import Base

/// Each change of the folder is seen with the next look, a second later.
@Suite("An outbox whose folder or files somebody takes away", .timeLimit(.minutes(5)))
struct OutboxVanishedTests {
    private static func open(_ path: String) throws -> OutboxBench {
        try OutboxBench(FolderFiles(path, exclusive: true))
    }

    /// Some segments, a part of whose records is acknowledged; and what waits.
    private static func fill(_ bench: OutboxBench, _ numbers: Range<Int>) throws -> [String] {
        for number in numbers { bench.append([try .test(UInt8(number % 2), "\(number)")]) }
        bench.acknowledge(1, 10)
        return bench.waiting
    }

    private static func look(_ bench: OutboxBench) {
        bench.clock.advance(.seconds(1))
        bench.store.maintain()
    }

    private static func alarm(_ what: String, _ path: String, restored: Int) -> [OutboxEvent] {
        [.degraded(reason: "cannot find \(what)\(path): No such file or directory"), .recovered(records: restored)]
    }

    @Test("The folder removed: an alarm, and what is still open is in a new folder, with what was acknowledged")
    func removed() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "state/outbox").path
            let bench = try Self.open(path)
            let waiting = try Self.fill(bench, 0..<50)
            try FileManager.default.removeItem(atPath: folder.appending(path: "state").path)
            #expect(bench.append(try measurements("1:between"))?.place == .disk)
            Self.look(bench)
            let all = waiting + ["1:between"]
            #expect(
                bench.events
                    == Self.alarm("the folder that was opened as ", path, restored: all.count))
            #expect(bench.store.status.troubles == 1)
            #expect(bench.waiting == all)
            #expect(bench.append(try measurements("2:after"))?.place == .disk)
            // As if the process were killed: nothing is closed. The lock goes with the files.
            let left = folder.appending(path: "copy").path
            try FileManager.default.copyItem(atPath: path, toPath: left)
            #expect(try Self.open(left).waiting == all + ["2:after"])
        }
    }

    @Test(
        "A new folder that takes nothing yet: what stands in the one that was moved away is read, and nothing is given up"
    )
    func notYetRestored() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            for number in 0..<200 { bench.append([try .test(1, "\(number)")]) }
            #expect(bench.store.segments.count == 3)
            let firsts = bench.store.segments.map(\.first)
            let segment = OutboxNames.name(firsts[0], .segment)
            try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
            // Nothing can be copied to a name that is a directory's; and one of the files is elsewhere for a while.
            let obstacle = "\(path)/\(OutboxNames.name(firsts[1], .unfinished))"
            try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
            try FileManager.default.moveItem(atPath: "\(path).old/\(segment)", toPath: "\(path).kept")
            Self.look(bench)
            func readable() -> [String]? {
                bench.store.records(of: .test(1), after: nil, limit: .max)?.map(\.measurement.text)
            }
            #expect(readable() == nil)
            try FileManager.default.moveItem(atPath: "\(path).kept", toPath: "\(path).old/\(segment)")
            let all = (0..<200).map(String.init)
            #expect(readable() == all)
            #expect(bench.store.drops.isEmpty)
            try FileManager.default.removeItem(atPath: obstacle)
            bench.clock.advance(.seconds(60))
            bench.store.maintain()
            #expect(bench.events.last == .recovered(records: 200))
            #expect(readable() == all)
            #expect(bench.store.drops.isEmpty)
        }
    }

    @Test("The folder removed while nothing is written: it is looked for every ten seconds")
    func idle() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            try FileManager.default.removeItem(atPath: path)
            let now = bench.clock.outboxClock.monotonic()
            #expect(bench.store.nextMaintenance <= now + .seconds(10))
            Self.look(bench)
            #expect(bench.events == Self.alarm("the folder that was opened as ", path, restored: 0))
            #expect(FileManager.default.fileExists(atPath: path + "/lock"))
        }
    }

    @Test("All segments removed: the one that is written is there again, what cannot be read any more is told")
    func segments() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            for number in 0..<200 { bench.append([try .test(1, "\(number)")]) }
            let segments = bench.store.segments
            #expect(segments.count == 3)
            for name in try FileManager.default.contentsOfDirectory(atPath: path) where name != "lock" {
                try FileManager.default.removeItem(atPath: "\(path)/\(name)")
            }
            Self.look(bench)
            let kept = segments[2].live
            let lost = segments[0].live + segments[1].live
            #expect(bench.store.status.drops == [.unreadable: lost])
            #expect(bench.events.last == .recovered(records: kept))
            #expect(bench.waiting == (lost..<200).map { "1:\($0)" })
            bench.store.close()
            #expect(try Self.open(path).waiting == (lost..<200).map { "1:\($0)" })
        }
    }

    @Test("The folder moved away, and another in its place: all segments are in that one then")
    func moved() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            let waiting = try Self.fill(bench, 0..<300)
            #expect(bench.store.segments.count > 2)
            try FileManager.default.moveItem(atPath: path, toPath: path + "-away")
            #expect(mkdir(path, 0o700) == 0)
            Self.look(bench)
            #expect(
                bench.events == Self.alarm("the folder that was opened as ", path, restored: waiting.count))
            #expect(bench.waiting == waiting)
            bench.store.close()
            #expect(try Self.open(path).waiting == waiting)
        }
    }

    @Test("A folder that cannot be made again: measurements are in memory until it can, and then all is there")
    func unmakeable() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            let waiting = try Self.fill(bench, 0..<50)
            try FileManager.default.removeItem(atPath: path)
            try Data().write(to: URL(filePath: path))
            Self.look(bench)
            #expect(bench.append(try measurements("1:x"))?.place == .memory)
            #expect(bench.store.status.degraded == "cannot use \(path): \(path) cannot be used: it is no folder")
            #expect(bench.events.count == 1)
            try FileManager.default.removeItem(atPath: path)
            bench.clock.advance(.seconds(30))
            bench.store.maintain()
            #expect(bench.events.last == .recovered(records: waiting.count + 1))
            bench.store.close()
            #expect(try Self.open(path).waiting == waiting + ["1:x"])
        }
    }

    @Test("The folder removed just before the end is there after it")
    func end() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            let waiting = try Self.fill(bench, 0..<50)
            try FileManager.default.removeItem(atPath: path)
            bench.store.close()
            #expect(try Self.open(path).waiting == waiting)
        }
    }

    @Test("The lock file removed: nobody else gets in, it is told, and there is one again")
    func lock() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            let told = Self.alarm("", path + "/lock", restored: 0)
            // Who tries makes the file anew: the first time nobody does so before the look.
            for (round, isTried) in [false, true].enumerated() {
                try FileManager.default.removeItem(atPath: path + "/lock")
                if isTried {
                    #expect(
                        throws: OutboxError.inUse(folder: path, by: "another process, whose lock file was removed")
                    ) { try FolderFiles(path, exclusive: true) }
                }
                Self.look(bench)
                #expect(bench.events == [told, told].prefix(round + 1).flatMap(\.self))
                #expect(throws: OutboxError.inUse(folder: path, by: "process \(getpid())")) {
                    try FolderFiles(path, exclusive: true)
                }
            }
            bench.store.close()
            _ = try FolderFiles(path, exclusive: true)
        }
    }

    @Test("The lock alone removed: what was written and not synced is synced before its file is left")
    func unsynced() throws {
        let disk = SimulatedDisk()
        let bench = try OutboxBench(disk) { $0.sync = .interval(.seconds(60)) }
        bench.append(try measurements("1:a 2:b"))
        #expect(try OutboxBench(disk.afterCrash(power: true), run: 2).waiting == [])
        disk.lacksLock = true
        Self.look(bench)
        #expect(bench.events == Self.alarm("", "lock", restored: 0))
        #expect(try OutboxBench(disk.afterCrash(power: true), run: 2).waiting == ["1:a", "2:b"])
    }

    @Test("Alarms that carry nothing do not make a later one last longer")
    func often() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            for _ in 0..<6 {
                try FileManager.default.removeItem(atPath: path + "/lock")
                Self.look(bench)
            }
            try FileManager.default.removeItem(atPath: path)
            try Data().write(to: URL(filePath: path))
            Self.look(bench)
            #expect(bench.store.status.degraded != nil)
            try FileManager.default.removeItem(atPath: path)
            bench.clock.advance(.seconds(2))
            bench.store.maintain()
            #expect(bench.store.status.degraded == nil)
            #expect(bench.events.count == 14)
        }
    }

    /// Records that nobody has read, so that only the files and the one that is written have them.
    private static func unread(_ bench: OutboxBench, _ count: Int) throws -> [String] {
        try (0..<count).map { number in
            bench.append([try .test(1, "\(number)")])
            return "1:\(number)"
        }
    }

    @Test("The folder moved away twice before all is put back: the files of the first are in the last one then")
    func twice() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            let waiting = try Self.unread(bench, 300)
            #expect(bench.store.segments.count > 2)
            try FileManager.default.moveItem(atPath: path, toPath: path + "-first")
            // Stands in the way of the first segment's copy.
            try #require(mkdir(path, 0o700) == 0)
            try #require(mkdir("\(path)/\(OutboxNames.name(1, .unfinished))", 0o700) == 0)
            Self.look(bench)
            #expect(bench.events.count == 1)
            try FileManager.default.moveItem(atPath: path, toPath: path + "-second")
            bench.clock.advance(.seconds(30))
            bench.store.maintain()
            #expect(
                bench.events == Self.alarm("the folder that was opened as ", path, restored: waiting.count))
            #expect(bench.waiting == waiting)
            bench.store.close()
            #expect(try Self.open(path).waiting == waiting)
        }
    }

    @Test("The folder removed, and a segment full before the next look: it stays open until it is put back")
    func full() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let bench = try Self.open(path)
            bench.append(try measurements("2:first"))
            try FileManager.default.removeItem(atPath: path)
            let waiting = try ["2:first"] + Self.unread(bench, 150)
            #expect(bench.store.status.inMemory > 0)
            Self.look(bench)
            #expect(
                bench.events == Self.alarm("the folder that was opened as ", path, restored: waiting.count))
            #expect(bench.waiting == waiting)
            #expect(bench.store.status.drops == [:])
            bench.store.close()
            #expect(try Self.open(path).waiting == waiting)
        }
    }

    @Test("Dead letters whose folder was removed are kept in another one from then on")
    func deadLetters() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "dead").path
            let letters = try DeadLetters(folder: path)
            try FileManager.default.removeItem(atPath: path)
            let letter = DeadLetter(
                record: OutboxRecord(
                    key: OutboxKey(run: RunID(high: 1, low: 2), sequence: 7), unit: .test(1), acceptedAt: 1,
                    measurement: try Measurement("v")),
                refusedAt: 2, status: 404, reason: "no")
            #expect(try await letters.add([letter]).isEmpty)
            #expect(try await DeadLetters(folder: path).list().map(\.letter) == [letter])
        }
    }
}
