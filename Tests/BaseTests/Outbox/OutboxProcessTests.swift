import Daemon
import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import Base

@Suite("The outbox in files, with processes that end, and disks that are full", .timeLimit(.minutes(10)))
struct OutboxProcessTests {
    private static func start(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            name: "OutboxProbe", executable: try BuiltCommand.executable("OutboxProbe"), arguments: arguments,
            readsErrors: true)
    }

    private static func run(_ arguments: [String]) async throws -> FinishedCommand {
        await FinishedCommand.run(try start(arguments))
    }

    @Test(
        "kill -9 at any moment, again and again: what was promised is there, with its key and text",
        arguments: [
            "always", "interval", "never",
        ])
    func kills(_ sync: String) async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            var random = SeededRandom(seed: 7)
            var promised: [UInt64: String] = [:]
            for _ in 0..<20 {
                let count = Int.random(in: 1...2500, using: &random)
                let lines = try await onThread { try Self.lines(of: ["append", path, sync], killedAfter: count) }
                #expect(lines.count >= count)
                let run = lines[0].dropFirst(4)
                for line in lines.dropFirst() {
                    let sequence = try #require(UInt64(line.dropFirst()))
                    promised[sequence] = line.hasPrefix("+") ? "\(run)-\(sequence)" : nil
                }
                let found = try await Self.records(in: path)
                let bySequence = Dictionary(grouping: found, by: \.key.sequence)
                for (sequence, key) in promised {
                    let records = bySequence[sequence] ?? []
                    #expect(records.map(\.key.description) == [key])
                    #expect(records.map(\.measurement.text) == ["v\(sequence)"])
                }
                for (_, records) in Dictionary(grouping: found, by: \.unit) {
                    #expect(records.map(\.key.sequence) == records.map(\.key.sequence).sorted())
                }
            }
            #expect(promised.count > 100)
        }
    }

    /// All that the probe says until it is killed; it waits while nobody reads, so no line is lost.
    private static func lines(of arguments: [String], killedAfter count: Int) throws -> [Substring] {
        let process = Process()
        process.executableURL = try BuiltCommand.executable("OutboxProbe")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var bytes = Data()
        var lines = 0
        while case let piece = output.fileHandleForReading.availableData, !piece.isEmpty {
            bytes += piece
            lines += piece.count { $0 == UInt8(ascii: "\n") }
            if lines >= count { kill(process.processIdentifier, SIGKILL) }
        }
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    private static func records(in path: String) async throws -> [OutboxRecord] {
        let outbox = try await onThread { try Outbox(folder: path) { _ in } }
        #expect(outbox.repair.corruptSegments == 0)
        var records: [OutboxRecord] = []
        for unit in outbox.left.keys { records += try await outbox.records(of: unit, limit: .max) }
        await outbox.close()
        return records.sorted { $0.key.sequence < $1.key.sequence }
    }

    @Test("A folder belongs to one process at a time, and the other one is told which")
    func oneProcess() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let process = try Self.start(["hold", path])
            var lines = process.lines.makeAsyncIterator()
            #expect(await lines.next() == "open")
            let second = try await Self.run(["open", path])
            #expect(
                second
                    == FinishedCommand(
                        end: "exit code 1", output: [],
                        errors: [
                            "\(path) is in use by process \(process.processIdentifier); stop that one first, or name another folder"
                        ]))
            kill(process.processIdentifier, SIGKILL)
            _ = await process.waitForEnd()
            #expect(try await Self.run(["open", path]).output == ["opened"])
        }
    }

    @Test("A folder where this user may not write, or where others may, is refused")
    func permissions() async throws {
        try await withTemporaryDirectory { folder in
            let closed = folder.appending(path: "closed")
            try FileManager.default.createDirectory(
                at: closed, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o500])
            let path = closed.appending(path: "outbox").path
            // Root may write anywhere; the test's folder is not for everybody to look into.
            chmod(folder.path, 0o755)
            let refused = try await Self.run(["open", path] + (geteuid() == 0 ? ["65534"] : []))
            #expect(refused.errors == ["\(path) cannot be used: Permission denied"])
            #expect(refused.end == "exit code 1")
            let open = folder.appending(path: "open").path
            mkdir(open, 0o700)
            chmod(open, 0o777)
            #expect(
                try await Self.run(["open", open]).errors == [
                    "\(open) cannot be used: others may write in it (mode 777), and could replace what is kept there"
                ])
        }
    }

    @Test("A disk that takes no more: an alarm, memory, and everything in order when it takes more again")
    func fullDisk() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let result = try await Self.run(["full", path])
            #expect(
                result
                    == FinishedCommand(
                        end: "exit code 0",
                        output: [
                            "on disk: 43, then in memory: 57",
                            "degraded(reason: \"cannot write \(path)/00000000000000000001.segment: File too large\")",
                            "recovered(records: 57)", "again on disk: true",
                        ], errors: []))
            #expect(try await Self.records(in: path).map(\.measurement.text) == (0...100).map(String.init))
        }
    }

    private static func append(_ batch: [OutboxMeasurement], to outbox: Outbox) async -> AppendResult {
        await withCheckedContinuation { continuation in
            outbox.append(batch) { continuation.resume(returning: $0) }
        }
    }

    @Test("Folder 0700, files 0600")
    func modes() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let outbox = try await onThread { try Outbox(folder: path) { _ in } }
            let result = await Self.append(try measurements("1:a 2:b"), to: outbox)
            outbox.acknowledge([OutboxReference(unit: .test(1), sequence: result.sequences.lowerBound)])
            #expect(try await outbox.waiting() == [.test(2): 1])
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            #expect(names == ["00000000000000000001.acks", "00000000000000000001.segment", "lock"])
            for name in names {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o700)
            await outbox.close()
            await #expect(throws: OutboxError.closed) { try await outbox.status() }
            #expect(await Self.append(try measurements("1:a"), to: outbox).dropped.map(\.reason) == [.closed])
        }
    }
}
