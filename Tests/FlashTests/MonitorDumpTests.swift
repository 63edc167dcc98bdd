import Testing

@testable import Flash

/// Restarts and crashes, as boards print them.
struct MonitorDumpTests {
    private let crash = """

         ets Jan  8 2013,rst cause:4, boot mode:(3,6)

        wdt reset
        last failed alloc call: 40201056(1024)

        --------------- CUT HERE FOR EXCEPTION DECODER ---------------

        Exception (28):
        epc1=0x40201056 epc2=0x00000000 epc3=0x40100abc excvaddr=0x00000004 depc=0x00000000

        >>>stack>>>

        ctx: cont
        sp: 3ffffdb0 end: 3fffffc0 offset: 0190
        3fffff40:  3fffdad0 00000000 3ffee5ac 40201078  <
        3fffff50:  feefeffe 40100123 zzzzzzzz 40000f49
        <<<stack<<<

        """

    private let expected: [ExceptionDump.Event] = [
        .restarted(BootReason(cause: 4, mode: 3)), .stopped(.hardwareWatchdog), .failedAllocation(0x4020_1056),
        .exception(28),
        .registers([
            .init(name: "epc1", value: 0x4020_1056), .init(name: "epc2", value: 0),
            .init(name: "epc3", value: 0x4010_0ABC), .init(name: "excvaddr", value: 4), .init(name: "depc", value: 0),
        ]),
        .stack(context: "cont", [0x4020_1078, 0x4010_0123]),
    ]

    private func events(_ pieces: [[UInt8]]) -> [ExceptionDump.Event] {
        var lines = LineAssembler()
        var dump = ExceptionDump()
        let events = pieces.flatMap { lines.take($0) } + lines.finish()
        return events.flatMap { event -> [ExceptionDump.Event] in
            if case .lineEnd(let line) = event { dump.take(line) } else { [] }
        } + dump.finish()
    }

    @Test("a dump of the Arduino core is found, wherever it is cut")
    func arduino() {
        let bytes = Array(crash.utf8)
        for cut in 0...bytes.count {
            #expect(events([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
        }
    }

    @Test("the SDK's own words are known too")
    func sdk() {
        let text = """
            Fatal exception 9(LoadStoreAlignmentCause):
            epc1=0x402269ff, epc2=0x00000000, epc3=0x00000000, excvaddr=0x3ffef3c1, depc=0x00000000
            """
        #expect(
            events([Array(text.utf8)]) == [
                .exception(9),
                .registers([
                    .init(name: "epc1", value: 0x4022_69FF), .init(name: "epc2", value: 0),
                    .init(name: "epc3", value: 0),
                    .init(name: "excvaddr", value: 0x3FFE_F3C1), .init(name: "depc", value: 0),
                ]),
            ])
    }

    @Test("whatever stands before them in a line, a time or what the program was printing, its words are found")
    func prefixes() {
        let lines = crash.split(separator: "\n", omittingEmptySubsequences: false)
        for prefix in ["12:00:01.250 -> ", "[  42] ", "half a word ", "sp: 3ffffdb0 "] {
            let text = lines.map { $0.isEmpty ? "" : prefix + $0 }.joined(separator: "\n")
            #expect(events([Array(text.utf8)]) == expected, "\(prefix)")
        }
        #expect(events([Array("temperatuException (28):\n".utf8)]) == [.exception(28)])
    }

    @Test("the core's own reasons are found, and numbers that mean something else after them")
    func reasons() {
        let registers = "epc1=0x40201056 epc2=0x0 epc3=0x0 excvaddr=0x0 depc=0x0"
        let found: (String) -> [ExceptionDump.Event] = { text in
            events([Array(text.utf8)]).filter { if case .registers = $0 { false } else { true } }
        }
        #expect(
            found("Soft WDT reset\n\nException (4):\n\(registers)\n\nException (4):\n") == [
                .stopped(.softWatchdog), .exception(4, after: .softWatchdog), .exception(4),
            ])
        #expect(found("Soft WDT reset - deliberate infinite loop detected\n") == [.stopped(.softWatchdog)])
        #expect(
            found("Stack overflow detected.\n\nException (5):\n\(registers)\n") == [
                .stopped(.stackOverflow), .exception(5, after: .stackOverflow),
            ])
        #expect(
            found("\n wdt reset\nPanic core_esp8266_main.cpp:137 __yield\nDon't Panic 1:2 me\n") == [
                .stopped(.hardwareWatchdog), .stopped(.panic(function: "__yield")), .stopped(.panic(function: "me")),
            ])
        #expect(
            found("Panic /s/a.ino:7 void loop(): Assertion 'x' failed.\nAbort called\nUnhandled C++ exception: OOM\n")
                == [
                    .stopped(.panic(function: "void loop()")), .stopped(.abort), .stopped(.unhandledException("OOM")),
                ])
        #expect(found("the wdt reset it\nException (4): no\nPanic: x\nAbort called off\nNo Exception ()\n") == [])
    }

    @Test("reasons are put in words, and the watchdog's interrupt is not called an interrupt of level 1")
    func reasonWords() {
        let report = CrashReport(elf: nil)
        let lines = [
            "Soft WDT reset", "", "Exception (4):", "epc1=0x40201056", ">>>stack>>>", "<<<stack<<<", "Exception (4):",
        ]
        #expect(
            lines.flatMap(report.take) == [
                "the software watchdog: seconds went by without yield() or delay()",
                "exception 4: the watchdog's interrupt; epc1 is where the program was",
                "exception 4: an interrupt of level 1 (Level1Interrupt)",
            ])
        #expect(
            ["Panic core_esp8266_main.cpp:137 __yield", "Panic a.ino:3 loop", "Unhandled C++ exception: OOM"]
                .flatMap(report.take) == [
                    "yield() or delay() was called where it must not be: callback or interrupt",
                    "the program has stopped itself in loop: panic() or a failed assert()",
                    "no memory was left for new, and no program is prepared for that",
                ])
    }

    @Test("a stack without its end ends at the next restart, at the next stack, or with the stream")
    func unfinished() {
        let head = ">>>stack>>>\n3fffff40:  40201078 00000000\n"
        #expect(events([Array(head.utf8)]) == [.stack(context: nil, [0x4020_1078])])
        #expect(
            events([Array((head + " ets Jan  8 2013,rst cause:2, boot mode:(1,6)\n").utf8)]) == [
                .stack(context: nil, [0x4020_1078]), .restarted(BootReason(cause: 2, mode: 1)),
            ])
        #expect(events([Array((head + head).utf8)]).count == 2)
    }

    @Test("a hostile dump is bounded, and damaged lines are passed over")
    func hostile() {
        let row = "3fffff40:  40201078 40201078 40201078 40201078\n"
        let found = events([Array((">>>stack>>>\n" + String(repeating: row, count: 1000) + "<<<stack<<<\n").utf8)])
        #expect(found == [.stack(context: nil, [UInt32](repeating: 0x4020_1078, count: 512))])
        let damaged =
            "Exception (:\nException (99999999999999999999):\nepc1=\nepc1=0x\nrst cause:, boot mode:(\n<<<stack<<<\n"
        #expect(events([Array(damaged.utf8)]) == [])
    }

    @Test("causes are put in words")
    func words() {
        #expect(
            ExceptionCause.text(28)
                == "a load from where nothing may be read, often through a null pointer (LoadProhibited)")
        #expect(ExceptionCause.text(63) == "not named by the processor's manual")
        #expect(BootReason(cause: 4, mode: 3).text == "restarted by the watchdog; starts from its flash")
        #expect(
            BootReason(cause: 2, mode: 1).text
                == "restarted by its reset pin or from deep sleep; waits in its serial loader")
        #expect(
            BootReason(cause: 9, mode: 6).text
                == "restarted for a reason the ROM does not name; starts from an SD card or a host (SDIO)")
    }

    @Test("answers of addr2line are read, inlined functions among them")
    func places() {
        let lines = [
            "0x40201056", "deep(int)", "/src/a.cpp:12 (discriminator 3)", "loop", "/src/a.cpp:20", "0x40100000", "??",
            "??:0",
            "0x40201070", "rom_like", "??:?", "0x40201080", "half",
        ]
        let places = CodePlace.parse(lines)
        #expect(
            places == [
                CodePlace(
                    address: 0x4020_1056,
                    frames: [
                        .init(function: "deep(int)", line: "/src/a.cpp:12"),
                        .init(function: "loop", line: "/src/a.cpp:20"),
                    ]), CodePlace(address: 0x4010_0000, frames: []),
                CodePlace(address: 0x4020_1070, frames: [.init(function: "rom_like", line: nil)]),
                CodePlace(address: 0x4020_1080, frames: []),
            ])
        #expect(
            places.map(\.text) == [
                ["deep(int) at /src/a.cpp:12", "inlined into loop at /src/a.cpp:20"], [], ["rom_like"], [],
            ])
        #expect(CodePlace.parse(["x", "y"]) == [])
    }

    @Test("the boot log is over with the boot loader's last line, with bytes that are no text, or after a silence")
    func bootLog() {
        let log = Array(
            "\r\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\nload 0x4010f000, len 3460, room 16 \r\ntail 4\r\ncsum 0x1d\r\n"
                .utf8)
        let loader = Array("v00046fc0\r\n~ld\r\n".utf8)
        for cut in 0...(log + loader).count {
            var phase = BootPhase(at: .zero)
            phase.receive(Array((log + loader)[..<cut]), at: .milliseconds(10))
            let isShort = cut < (log + loader).count - 1
            #expect(phase.isOver(at: .milliseconds(10)) == !isShort)
            phase.receive(Array((log + loader)[cut...]), at: .milliseconds(20))
            #expect(phase.isOver(at: .milliseconds(20)))
        }
        var phase = BootPhase(at: .zero)
        phase.receive([0xFF, 0x80] + log, at: .milliseconds(100))
        #expect(!phase.isOver(at: .milliseconds(399)))
        #expect(phase.isOver(at: .milliseconds(400)))
        phase.receive([0x91, 0x0A], at: .milliseconds(110))
        #expect(phase.isOver(at: .milliseconds(110)))
        var silent = BootPhase(at: .seconds(5))
        #expect(!silent.isOver(at: .milliseconds(5299)))
        #expect(silent.isOver(at: .milliseconds(5300)))
        for tenth in 51...79 { silent.receive([0x61], at: .milliseconds(tenth * 100)) }
        #expect(!silent.isOver(at: .milliseconds(7999)))
        #expect(silent.isOver(at: .seconds(8)))
    }
}
