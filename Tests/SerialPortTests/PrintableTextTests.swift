import SerialPort
import TerminalText
import Testing

@Suite struct PrintableTextTests {
    @Test("what would do more than show is a question mark; all else stays")
    func printable() {
        #expect("USB\u{1B}[2J\u{7}\u{9B}1A\n\t\u{7F}".printable == "USB?[2J??1A???")
        // Directions, invisible marks, breaks of lines.
        #expect("A\u{202E}B\u{2066}C\u{200B}D\u{FEFF}E\u{2028}F\u{2029}G".printable == "A?B?C?D?E?F?G")
        #expect("Füße € 漢字 \u{1F468}\u{200D}\u{1F4BB}".printable == "Füße € 漢字 \u{1F468}\u{200D}\u{1F4BB}")
    }

    @Test("a wide character takes two columns, a mark none")
    func columns() {
        #expect("USB Serial".columns == 10)
        #expect("漢字 カナ 한".columns == 12)
        #expect("e\u{301}\u{1F4BB}".columns == 3)
    }

    @Test("what is cut is no wider than it may be, and what fits is not cut")
    func cut() {
        #expect(["abcdef", "漢字カナ", "ab", ""].map { $0.cut(to: 6) } == ["abcdef", "漢字…", "ab", ""])
        #expect([0, 1, 3].map { "abcdef".cut(to: $0) } == ["…", "…", "ab…"])
    }

    @Test("what other programs call themselves is harmless in every message")
    func holders() {
        let holder = PortHolder(process: 7, command: "\u{1B}[2J\u{1B}]0;own\u{7}")
        #expect(holder.description == "?[2J?]0;own? (process 7)")
        #expect(
            SerialError("/dev/ttyUSB0", .busy([holder])).description
                == "/dev/ttyUSB0: it is in use by ?[2J?]0;own? (process 7); end that program first")
        #expect(
            SerialError("a\u{1B}b", .noSuchAdapter(["\u{202E}x"])).description
                == "a?b: no such adapter is plugged in; there are ?x")
    }
}
