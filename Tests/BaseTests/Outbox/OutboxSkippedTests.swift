import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import Base

@Suite("What has the name of a file of the outbox and is none", .timeLimit(.minutes(5)))
struct OutboxSkippedTests {
    private static func name(_ number: Int, _ kind: String) -> String { "\(String(format: "%020d", number)).\(kind)" }

    @Test("Directories, pipes and links are told, left alone and never in the way; what is beside them is read")
    func outbox() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            var bench = try OutboxBench(FolderFiles(path, exclusive: true))
            bench.append(try measurements("1:a 2:b"))
            bench.store.close()
            let elsewhere = folder.appending(path: "elsewhere")
            try Data("x".utf8).write(to: elsewhere)
            var made: [FolderEntry] = []
            for (index, kind) in ["segment", "acks", "tmp", "corrupt"].enumerated() {
                let (directory, pipe, link) = (10 + index, 20 + index, 30 + index)
                #expect(mkdir("\(path)/\(Self.name(directory, kind))", 0o700) == 0)
                #expect(mkfifo("\(path)/\(Self.name(pipe, kind))", 0o600) == 0)
                #expect(symlink(elsewhere.path, "\(path)/\(Self.name(link, kind))") == 0)
                made += [(directory, "a directory"), (pipe, "a pipe"), (link, "a symbolic link")].map {
                    FolderEntry(path: "\(path)/\(Self.name($0.0, kind))", kind: $0.1)
                }
            }
            bench = try OutboxBench(FolderFiles(path, exclusive: true))
            #expect(bench.store.repair.skipped == made.sorted { $0.path < $1.path })
            #expect(bench.waiting == ["1:a", "2:b"])
            for number in 0..<300 { #expect(bench.append([try .test(3, "\(number)")])?.place == .disk) }
            #expect(bench.events == [])
            #expect(bench.waiting.count == 302)
            bench.store.close()
            #expect(try Data(contentsOf: elsewhere) == Data("x".utf8))
        }
    }

    @Test("A pipe, a directory or a link in the place of a file is a failure at once, and waits for nobody")
    func inThePlace() throws {
        try withTemporaryDirectory { folder in
            let path = folder.appending(path: "outbox").path
            let files = try FolderFiles(path, exclusive: true)
            #expect(mkfifo("\(path)/pipe", 0o600) == 0)
            #expect(mkdir("\(path)/directory", 0o700) == 0)
            #expect(symlink("/dev/null", "\(path)/link") == 0)
            for name in ["pipe", "directory", "link"] {
                #expect(throws: FileFailure.self) { try files.create(name) }
                #expect(throws: FileFailure.self) { try files.append([1], to: name, unit: 1) }
                #expect(throws: FileFailure.self) { try files.truncate(name, to: 0) }
            }
        }
    }

    @Test("Dead letters beside a directory, a pipe and a link are added, listed and dropped")
    func deadLetters() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "dead").path
            #expect(try DeadLetters(folder: path).skipped == [])
            #expect(mkdir("\(path)/\(Self.name(1, "letters"))", 0o700) == 0)
            #expect(mkfifo("\(path)/\(Self.name(2, "letters"))", 0o600) == 0)
            #expect(symlink("/dev/null", "\(path)/\(Self.name(3, "retry"))") == 0)
            let letters = try DeadLetters(folder: path)
            #expect(
                letters.skipped.map(\.description) == [
                    "\(path)/\(Self.name(1, "letters")) is a directory", "\(path)/\(Self.name(2, "letters")) is a pipe",
                    "\(path)/\(Self.name(3, "retry")) is a symbolic link",
                ])
            let record = OutboxRecord(
                key: OutboxKey(run: RunID(high: 1, low: 2), sequence: 7), unit: .test(1), acceptedAt: 1,
                measurement: try Measurement("v"))
            let letter = DeadLetter(record: record, refusedAt: 2, status: 404, reason: "no")
            #expect(try await letters.add([letter]).isEmpty)
            #expect(try await letters.list().map(\.letter) == [letter])
            #expect(try await letters.retry(nil) == [record.key])
            #expect(try await letters.retries() == [letter])
            #expect(try await letters.drop(nil) == [record.key])
            #expect(try await letters.list().isEmpty)
        }
    }
}
