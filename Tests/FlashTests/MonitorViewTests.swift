import TestSupport
import Testing

@testable import Flash

/// What of a board's bytes is shown.
struct MonitorViewTests {
    private func shown(_ view: MonitorView, _ pieces: [[UInt8]]) -> (screen: String, log: String) {
        var view = view
        var all = MonitorView.Output()
        for (index, piece) in pieces.enumerated() {
            let output = view.receive(piece, at: "t\(index)")
            all.screen += output.screen
            all.log += output.log
        }
        let last = view.finish(at: "end")
        return (String(decoding: all.screen + last.screen, as: UTF8.self), all.log + last.log)
    }

    private func view(
        include: [String] = [], exclude: [String] = [], isTerminal: Bool = true, isRaw: Bool = false,
        stamps: Bool = false, hex: Bool = false
    ) throws -> MonitorView {
        MonitorView(
            filter: try MonitorFilter(include: include, exclude: exclude), report: CrashReport(elf: nil),
            isTerminal: isTerminal, isRaw: isRaw, showsTimestamps: stamps, showsHex: hex)
    }

    private let stream = Array("one\r\ntwo \u{1B}\r\nException (9):\r\nthree".utf8)

    @Test("wherever a stream is cut the same is shown, on a terminal, in a pipe and through a filter")
    func cuts() throws {
        let reason = "--- exception 9: \(ExceptionCause.text(9))\n"
        let all = "one\ntwo \\x1B\nException (9):\n\(reason)three\n"
        for cut in 0...stream.count {
            let pieces = [Array(stream[..<cut]), Array(stream[cut...])]
            #expect(try shown(view(), pieces) == (all, all))
            #expect(try shown(view(isTerminal: false), pieces) == (all, all))
            #expect(try shown(view(include: ["o"], exclude: ["w", "Ex"]), pieces) == ("one\n\(reason)", all))
            #expect(try shown(view(isRaw: true), pieces).log == all)
        }
    }

    @Test("that a pattern is given up is said, without what a terminal would obey")
    func givenUp() throws {
        var view = try view(include: ["(a*)*b\u{1B}"])
        let output = view.receive(Array((String(repeating: "a", count: 60) + "\n").utf8), at: "")
        #expect(output.notices == ["a line takes the pattern (a*)*b\\x1B too long; it is switched off"])
    }

    @Test("on a terminal an open line shows at once; elsewhere when it has ended")
    func openLines() throws {
        var onTerminal = try view()
        #expect(onTerminal.receive(Array("name: ".utf8), at: "").screen == Array("name: ".utf8))
        #expect(onTerminal.notice("lost") == Array("\n--- lost\n".utf8))
        #expect(onTerminal.notice("found") == Array("--- found\n".utf8))
        var inPipe = try view(isTerminal: false)
        #expect(inPipe.receive(Array("name: ".utf8), at: "").screen == [])
        #expect(inPipe.receive(Array("x\n".utf8), at: "").screen == Array("name: x\n".utf8))
    }

    @Test("a timestamp is of the line's first byte, and stands once in a line")
    func timestamps() throws {
        let pieces = ["a", "b\n\nc", "d\n"].map { Array($0.utf8) }
        let expected = "t0  ab\nt1  \nt1  cd\n"
        #expect(try shown(view(stamps: true), pieces) == (expected, expected))
        #expect(try shown(view(isTerminal: false, stamps: true), pieces) == (expected, expected))
    }

    @Test("raw bytes reach the terminal as they are, and the log as text")
    func raw() throws {
        let found = try shown(view(isRaw: true), [Array("\u{1B}[1mx\r\n".utf8)])
        #expect(found == ("\u{1B}[1mx\r\n", "\\x1B[1mx\n"))
    }

    @Test("rows of bytes wait to be full, or for a silence")
    func hex() throws {
        var view = try view(hex: true)
        #expect(view.receive([1], at: "") == MonitorView.Output())
        let row = "00000000  01                                               |.|\n"
        #expect(view.rest(at: "") == MonitorView.Output(screen: Array(row.utf8), log: row))
        #expect(view.rest(at: "") == MonitorView.Output())
    }

    @Test("whatever comes, bytes and damaged dumps, nothing but text is shown and nothing breaks")
    func noiseOfEveryKind() throws {
        let dump = Array(
            """
            last failed alloc call: 00000000(1024)
            Exception (28):
            epc1=0x40201056 epc2=0xffffffff epc3=0x00000000 excvaddr=0x00000000 depc=0x00000000
            >>>stack>>>
            ctx: cont
            3fffff40:  3fffdad0 40201078 40100000 ffffffff
            <<<stack<<<
             ets Jan  8 2013,rst cause:4, boot mode:(3,6)

            """.utf8)
        for seed in 1...200 {
            var bytes = dump
            for (index, byte) in noise(20, seed: UInt64(seed)).enumerated() {
                bytes[(Int(byte) * 31 + index * 7) % bytes.count] = byte
            }
            let found = try shown(view(), [bytes, noise(3000, seed: UInt64(seed))])
            let isText = found.screen.unicodeScalars.allSatisfy {
                $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
            }
            #expect(isText, "\(seed)")
            #expect(found.screen == found.log)
        }
        #expect(try shown(view(), [dump]).screen.contains("restarted by the watchdog"))
    }
}
