import Foundation
import TestSupport
import Testing
import Synchronization

@testable import HIL

@Suite struct JournalTests {
    private let lamp = EventSource(kind: .serial, name: "lamp")

    @Test func `lines of all sources stand in one order, with times that never go back`() throws {
        try withTemporaryDirectory { folder in
            let told = Mutex<[String]>([])
            let journal = Journal(origin: .now, folder: folder) { entry in told.withLock { $0.append(entry.text) } }
            journal.append(lamp, .line, "one\r\ntwo\n")
            journal.append(EventSource(kind: .base, name: "base"), .warning, "three")
            journal.append(lamp, .failure, "")
            journal.close()
            journal.append(lamp, .line, "too late")
            let entries = journal.entries()
            #expect(entries.map(\.text) == ["one", "two", "three", ""])
            #expect(entries.map(\.weight) == [.line, .line, .warning, .failure])
            #expect(entries.map(\.time) == entries.map(\.time).sorted())
            #expect(told.withLock(\.self) == ["one", "two", "three", ""])
            #expect(journal.transcripts() == ["base-base.log", "serial-lamp.log"])
            let stamps = entries.map(\.time.stamp)
            let text = try String(contentsOf: folder.appending(path: "serial-lamp.log"), encoding: .utf8)
            #expect(text == "\(stamps[0])   one\n\(stamps[1])   two\n\(stamps[3]) ! \n")
        }
    }

    @Test func `what a board says is never more than text, nor is the name of a file`() throws {
        try withTemporaryDirectory { folder in
            let journal = Journal(origin: .now, folder: folder)
            journal.append(EventSource(kind: .unit, name: "../../etc/a b"), .line, "\u{1B}[2J\tred\u{202E}\u{0}\r\r\n")
            journal.append(EventSource(kind: .unit, name: "../../etc/a?b"), .line, "ü 💡")
            journal.append(EventSource(kind: .unit, name: ""), .line, "x")
            journal.close()
            #expect(journal.entries().map(\.text) == ["?[2J red???", "ü 💡", "x"])
            let names = ["unit-_.log", "unit-______etc_a_b-2.log", "unit-______etc_a_b.log"]
            #expect(journal.transcripts() == names)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.sorted() == names)
        }
    }

    @Test func `a board that says more than there is room for is cut off, and what is left out is counted`() throws {
        try withTemporaryDirectory { folder in
            var limit = JournalLimit()
            (limit.entries, limit.bytes, limit.lineBytes) = (3, 20, 8)
            let journal = Journal(origin: .now, folder: folder, limit: limit)
            for text in ["12345678", "123456789", "123", "1", "2", "3"] { journal.append(lamp, .line, text) }
            journal.close()
            // The second takes 11 bytes with its ellipsis, so the third has no room; the fourth has.
            #expect(journal.entries().map(\.text) == ["12345678", "12345678…", "1"])
            #expect(journal.leftOut() == 3)
            let text = try String(contentsOf: folder.appending(path: "serial-lamp.log"), encoding: .utf8)
            #expect(text.hasSuffix("# the journal was full: 3 lines of all parts were left out\n"))
        }
    }

    @Test func `a transcript that cannot be written is told of, and the journal goes on`() throws {
        try withTemporaryDirectory { folder in
            // Where a file should come is a folder.
            try FileManager.default.createDirectory(
                at: folder.appending(path: "serial-lamp.log"), withIntermediateDirectories: false)
            let journal = Journal(origin: .now, folder: folder)
            journal.append(EventSource(kind: .base, name: "base"), .line, "one")
            #expect(journal.transcriptProblem() == nil)
            journal.append(lamp, .line, "two")
            #expect(journal.transcriptProblem() == "serial-lamp.log: Is a directory")
            journal.close()
            #expect(journal.entries().map(\.text) == ["one", "two"])
        }
    }

    @Test func `many threads at once lose nothing`() async throws {
        let journal = Journal(origin: .now, folder: nil)
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask {
                    for number in 0..<500 {
                        journal.append(EventSource(kind: .unit, name: "\(thread)"), .line, "\(number)")
                    }
                }
            }
        }
        let entries = journal.entries()
        #expect(entries.map(\.time) == entries.map(\.time).sorted())
        for thread in 0..<8 {
            #expect(
                entries.filter { $0.source.name == "\(thread)" }.map(\.text) == (0..<500).map(String.init))
        }
    }
}
