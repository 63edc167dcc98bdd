import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import Base

@Suite("Dead letters")
struct DeadLettersTests {
    private static func letter(_ number: Int, reason: String = "the dashboard answered 404") throws -> DeadLetter {
        DeadLetter(
            record: OutboxRecord(
                key: OutboxKey(run: RunID(high: 1, low: 2), sequence: UInt64(number)),
                unit: .test(UInt8(number % 7)), acceptedAt: 1_700_000_000_000 + Int64(number),
                measurement: try Measurement("v\(number)")),
            refusedAt: 1_700_000_001_000, status: 404, reason: reason)
    }

    private static func letters(_ range: Range<Int>) throws -> [DeadLetter] { try range.map { try letter($0) } }

    @Test("A file of letters comes back from its bytes; damage costs one letter, or the rest when a length is damaged")
    func encoding() throws {
        let letters = [try Self.letter(1, reason: ""), try Self.letter(2), try Self.letter(3, reason: "né")]
        let bytes = DeadLetterFile.encode(letters)
        #expect(try DeadLetterFile.decode(bytes) == letters)
        for cut in bytes.indices {
            let found = try DeadLetterFile.decode(Array(bytes[..<cut]))
            #expect(found == Array(letters.prefix(found.count)))
            var damaged = bytes
            damaged[cut] ^= 0x21
            let others = try DeadLetterFile.decode(damaged)
            #expect(others.allSatisfy { letters.contains($0) })
            #expect(others.count < 3)
        }
        var later = bytes
        later[8] = 9
        let head = Array(later[..<12])
        later.replace(at: 12, littleEndian: head.withUnsafeBytes { Checksum.of($0) })
        #expect(throws: DeadLetterFile.UnknownVersion(version: 9)) { try DeadLetterFile.decode(later) }
    }

    @Test("They are counted, with those to be tried again, whoever has changed the files meanwhile, and those given up")
    func tally() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "dead").path
            let base = try DeadLetters(folder: path, maximumBytes: 40_000)
            let person = try DeadLetters(folder: path)
            #expect(try await base.tally() == DeadLetterTally())
            _ = try await base.add(Self.letters(0..<300))
            #expect(try await base.tally() == DeadLetterTally(kept: 300))
            let keys = try Self.letters(0..<300).map(\.record.key)
            _ = try await person.drop([keys[1]])
            _ = try await person.retry([keys[2], keys[299]])
            #expect(try await base.tally() == DeadLetterTally(kept: 299))
            _ = try await person.drop([keys[3]])
            _ = try await base.add(Self.letters(300..<301))
            #expect(try await base.tally() == DeadLetterTally(kept: 299))
            let givenUp = try await base.add(Self.letters(301..<900)).count
            #expect(givenUp > 0)
            #expect(try await base.tally() == DeadLetterTally(kept: 299 + 599 - givenUp, givenUp: givenUp))
            #expect(try await person.list().count == 299 + 599 - givenUp)
        }
    }

    @Test("A reason is cut between two characters")
    func reasons() throws {
        let bytes = DeadLetterFile.encode([try Self.letter(1, reason: String(repeating: "é", count: 300))])
        #expect(try DeadLetterFile.decode(bytes).map(\.reason) == [String(repeating: "é", count: 256)])
    }

    @Test("Letters are kept over restarts, listed by others, dropped and tried again, while the base adds")
    func twoUsers() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "dead").path
            let base = try DeadLetters(folder: path)
            let person = try DeadLetters(folder: path)
            #expect(try await base.add(Self.letters(0..<3)).isEmpty)
            #expect(try await base.add(Self.letters(3..<600)).isEmpty)
            let listed = try await person.list()
            #expect(listed.map(\.letter) == (try Self.letters(0..<600)))
            #expect(listed.contains { $0.isRetried } == false)
            let keys = try Self.letters(0..<600).map(\.record.key)
            #expect(try await person.drop([keys[1], keys[599]]) == [keys[1], keys[599]])
            #expect(try await person.retry([keys[0], keys[300], keys[1]]) == [keys[0], keys[300]])
            #expect(try await base.retries() == [Self.letter(0), Self.letter(300)])
            #expect(try await person.list().filter(\.isRetried).map(\.letter.record.key) == [keys[0], keys[300]])
            // A base that was killed meanwhile finds them again.
            let next = try DeadLetters(folder: path)
            #expect(try await next.retries().map(\.record.key) == [keys[0], keys[300]])
            try await next.finishRetries([Self.letter(0)])
            #expect(try await person.list().filter(\.isRetried).map(\.letter.record.key) == [keys[300]])
            #expect(try await person.drop(nil).count == 597)
            #expect(try await next.list().isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
        }
    }

    @Test("A letter that is refused once more, and tried once more before the first try is finished, is not lost")
    func retriedTwice() async throws {
        try await withTemporaryDirectory { folder in
            let letters = try DeadLetters(folder: folder.appending(path: "dead").path)
            let first = try Self.letter(0)
            let keys: Set = [first.record.key]
            _ = try await letters.add([first])
            _ = try await letters.retry(keys)
            var again = first
            again.refusedAt += 1
            _ = try await letters.add([again])
            _ = try await letters.retry(keys)
            try await letters.finishRetries([first])
            #expect(try await letters.retries() == [again])
        }
    }

    @Test("What a process has left unfinished is removed when that does not exist any more")
    func unfinished() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "dead").path
            _ = try await DeadLetters(folder: path).add(Self.letters(0..<1))
            let name = "00000000000000000001.letters"
            let files = FileManager.default
            for process in [getpid(), 0x3FFF_FFFF] {
                #expect(files.createFile(atPath: "\(path)/\(name)-\(process)-1.tmp", contents: Data([1])))
            }
            #expect(try await DeadLetters(folder: path).list().map(\.letter) == [Self.letter(0)])
            #expect(try files.contentsOfDirectory(atPath: path).sorted() == [name, "\(name)-\(getpid())-1.tmp"])
        }
    }

    @Test("At the limit the oldest are given up, and told")
    func limit() async throws {
        try await withTemporaryDirectory { folder in
            let base = try DeadLetters(folder: folder.appending(path: "dead").path, maximumBytes: 100_000)
            var givenUp: [DeadLetter] = []
            for start in stride(from: 0, to: 3000, by: 50) {
                givenUp += try await base.add(Self.letters(start..<start + 50))
            }
            #expect(givenUp == (try Self.letters(0..<givenUp.count)))
            #expect(try await base.list().map(\.letter) == (Self.letters(givenUp.count..<3000)))
            #expect(givenUp.count > 1500 && givenUp.count < 2700)
        }
    }

    @Test("What is to be tried again counts for the limit, and is not given up")
    func retriesCount() async throws {
        try await withTemporaryDirectory { folder in
            let tried = try Self.letters(0..<500)
            let base = try DeadLetters(
                folder: folder.appending(path: "dead").path, maximumBytes: DeadLetterFile.encode(tried).count * 3 / 2)
            #expect(try await base.add(tried) == [])
            #expect(try await base.retry(nil).count == 500)
            let size = DeadLetterFolder.lettersInFile
            #expect(try await base.add(Self.letters(500..<1000)) == Self.letters(500..<500 + size))
            #expect(try await base.retries() == tried)
        }
    }

    @Test("Two processes that change the same files at a time lose no letter", .timeLimit(.minutes(5)))
    func together() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "dead").path
            try await withThrowingTaskGroup(of: Set<OutboxKey>.self) { group in
                let base = try DeadLetters(folder: path)
                group.addTask {
                    for start in stride(from: 0, to: 400, by: 10) {
                        _ = try await base.add(Self.letters(start..<start + 10))
                    }
                    return []
                }
                for person in 0..<2 {
                    let letters = try DeadLetters(folder: path)
                    group.addTask {
                        var done: Set<OutboxKey> = []
                        for number in stride(from: person, to: 400, by: 20) {
                            let key = try Self.letter(number).record.key
                            done.formUnion(person == 0 ? try await letters.drop([key]) : try await letters.retry([key]))
                        }
                        return done
                    }
                }
                var changed: Set<OutboxKey> = []
                for try await done in group { changed.formUnion(done) }
                let all = try Set(Self.letters(0..<400).map(\.record.key))
                let listed = try await base.list()
                let dropped = changed.filter { $0.sequence % 20 == 0 }
                #expect(Set(listed.map(\.letter.record.key)) == all.subtracting(dropped))
                #expect(Set(listed.filter(\.isRetried).map(\.letter.record.key)) == changed.subtracting(dropped))
                #expect(listed.count == 400 - dropped.count)
            }
        }
    }
}
