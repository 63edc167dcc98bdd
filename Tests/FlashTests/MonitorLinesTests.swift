import Testing

@testable import Flash

/// What a board says becomes lines that are safe to show, in whatever pieces it comes.
struct MonitorLinesTests {
    /// Joins what the cuts have parted.
    private func joined(_ events: [LineAssembler.Event]) -> [LineAssembler.Event] {
        events.reduce(into: []) { events, event in
            if case .text(let more) = event, case .text(let before)? = events.last {
                events[events.count - 1] = .text(before + more)
            } else {
                events.append(event)
            }
        }
    }

    private func events(_ pieces: [[UInt8]]) -> [LineAssembler.Event] {
        var lines = LineAssembler()
        return joined(pieces.flatMap { lines.take($0) } + lines.finish())
    }

    private func lines(_ bytes: [UInt8]) -> [String] {
        events([bytes]).compactMap { if case .lineEnd(let line) = $0 { line } else { nil } }
    }

    @Test("a stream gives the same lines wherever it is cut")
    func cuts() {
        let text = "one\r\ntwo\n\rthree\r\r\nfour\r\n\r\nLärm €5 😀 a\u{85}b \u{1B}[2J\u{7F}\t!\u{202E}evil"
        let bytes = Array(text.utf8) + [0xFF, 0xC3, 0x28, 0xE2, 0x82, 0x0A, 0xF0, 0x9F, 0x98]
        let whole = events([bytes])
        for first in 0...bytes.count {
            for second in first...bytes.count {
                #expect(
                    events([Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]) == whole)
            }
        }
        #expect(events(bytes.map { [$0] }) == whole)
    }

    @Test("lines end at LF, CR, CR LF and CR CR LF; each line feed of its own is a line")
    func endings() {
        #expect(lines(Array("a\nb\rc\r\nd\r\r\ne".utf8)) == ["a", "b", "c", "d", "e"])
        #expect(lines(Array("\n\nx\r\n\r\ny\n\r".utf8)) == ["", "", "x", "", "y", ""])
        #expect(lines([]) == [])
    }

    @Test("no control character gets through, alone or as UTF-8, and bytes that are no text show as numbers")
    func hostile() {
        #expect(lines(Array("\u{1B}]0;title\u{07}\u{08}\0".utf8)) == ["\\x1B]0;title\\x07\\x08\\x00"])
        #expect(lines([0xC2, 0x9B, 0x41]) == ["\\xC2\\x9BA"])
        #expect(lines(Array("\u{202E}\u{2028}\u{FEFF}".utf8)) == ["\\xE2\\x80\\xAE\\xE2\\x80\\xA8\\xEF\\xBB\\xBF"])
        #expect(lines([0xC0, 0xAF, 0xED, 0xA0, 0x80, 0xF5]) == ["\\xC0\\xAF\\xED\\xA0\\x80\\xF5"])
        #expect(lines([0xE2, 0x82, 0x41]) == ["\\xE2\\x82A"])
        for byte in UInt8.min...UInt8.max {
            let shown = lines([byte, 0x41]).joined()
            let isSafe = shown.unicodeScalars.allSatisfy { $0 == "\t" || $0.properties.generalCategory != .control }
            #expect(isSafe, "\(byte)")
        }
    }

    @Test("text of every kind shows as it is")
    func harmless() {
        let text = "Füße\tЖ 漢字 ∑ 👩‍🔬 \\x"
        #expect(lines(Array(text.utf8)) == [text])
    }

    @Test("a line without an end is cut, so that memory is bounded")
    func bounded() {
        let found = lines([UInt8](repeating: 0x61, count: 3 * LineAssembler.limit + 5))
        #expect(found.map(\.utf8.count) == [LineAssembler.limit, LineAssembler.limit, LineAssembler.limit, 5])
        #expect(lines([UInt8](repeating: 0xFF, count: 5000)).allSatisfy { $0.utf8.count <= LineAssembler.limit + 4 })
    }

    @Test("bytes show sixteen a row, wherever they are cut")
    func rows() {
        let bytes = Array("Hello, ".utf8) + [0, 0x1B, 0xFF] + Array("0123456789".utf8)
        let expected = [
            "00000000  48 65 6c 6c 6f 2c 20 00 1b ff 30 31 32 33 34 35  |Hello, ...012345|",
            "00000010  36 37 38 39                                      |6789|",
        ]
        for cut in 0...bytes.count {
            var dump = HexDump()
            #expect(dump.take(Array(bytes[..<cut])) + dump.take(Array(bytes[cut...])) + dump.finish() == expected)
            #expect(dump.finish() == [])
        }
        var dump = HexDump()
        #expect(dump.take([1]) == [])
        #expect(dump.finish() == ["00000000  01                                               |.|"])
        #expect(dump.take([2]) + dump.finish() == ["00000001  02                                               |.|"])
    }

    private func shown(_ filter: MonitorFilter, _ lines: [String]) -> [Bool] {
        var filter = filter
        return lines.map { filter.take($0).isShown }
    }

    @Test("a line is shown when one of the patterns is in it and none of the excluded ones")
    func filter() throws {
        #expect(shown(try MonitorFilter(), ["anything"]) == [true])
        let filter = try MonitorFilter(include: ["^T=\\d+$", "error|Füße"], exclude: ["(?i)debug"])
        #expect(
            shown(filter, ["T=12", "an error", "T=x", "a T=1", "error in DEBUG", "Füße"])
                == [true, true, false, false, false, true])
        #expect(throws: FlashError.usage("\"(\" is no regular expression")) { try MonitorFilter(include: ["("]) }
    }

    @Test("a pattern that would never end is given up, and the others go on")
    func endlessFilter() throws {
        let words = "the quick brown fox jumps over the lazy dog and"
        let endless = #"(\w+\s?)*:"#
        var filter = try MonitorFilter(include: [endless, "error"], exclude: ["(a*)*b"])
        #expect(filter.take("T: 1") == .init(isShown: true))
        #expect(filter.take(words) == .init(isShown: false, givenUp: [endless]))
        #expect(filter.take(words) == .init(isShown: false))
        #expect(filter.take("error " + String(repeating: "a", count: 60)) == .init(isShown: true, givenUp: ["(a*)*b"]))
        var alone = try MonitorFilter(include: [endless])
        #expect(alone.take(words) == .init(isShown: true, givenUp: [endless]))
        #expect(alone.take("anything") == .init(isShown: true))
    }
}
