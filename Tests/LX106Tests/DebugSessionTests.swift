import TestSupport
import Testing

@testable import LX106

@Suite struct DebugSessionTests {
    private static let code = Machine.code
    /// Three instructions in a circle, of 2, 3 and 3 bytes.
    private static let circle = [
        Assembly.bits(.nopN), Assembly.bits(.nop), Assembly.bits(.j, code, at: code + 5),
    ]

    private func answers(_ debugged: DebuggedMachine, _ packets: [String]) -> [String] {
        packets.map { debugged.ask($0) ?? "nothing" }
    }

    @Test("registers are read and written one by one, by the numbers of g")
    func registers() {
        let debugged = DebuggedMachine(Self.circle)
        debugged.cpu[2] = 0x1234_5678
        #expect(
            answers(debugged, ["p2", "P3=01020304", "p3", "p10", "P11=1f000000", "p11", "P15=20000000", "p15"])
                == ["78563412", "OK", "01020304", "00001040", "OK", "1f000000", "OK", "20000000"])
        #expect((debugged.cpu[3], debugged.cpu[.sar], debugged.cpu[.ps]) == (0x0403_0201, 31, 32))
        for bad in ["p", "p32", "p123456789", "px", "P3", "P3=", "P3=010203", "P32=00000000", "G", "G0", "G00", "Gxx"] {
            #expect(debugged.ask(bad) == "E22", "\(bad)")
        }
    }

    @Test("writing back what was read changes nothing, not even a timer that is due")
    func writeBack() throws {
        let debugged = DebuggedMachine(Self.circle)
        debugged.cpu[.ccompare0] = debugged.cpu[.ccount] + 1
        #expect(debugged.cpu.run(for: 4) == .budget)
        let before = try #require(debugged.ask("g"))
        #expect(debugged.cpu[.interrupt] & Interrupt.timer != 0)
        #expect(debugged.ask("G" + before) == "OK")
        #expect(debugged.ask("g") == before)
    }

    @Test("bytes of what is wired for words are read and written, and code that was decoded is run anew")
    func memory() {
        let debugged = DebuggedMachine(Self.circle)
        #expect(debugged.cpu.run(for: 300) == .budget)
        #expect(answers(debugged, ["m40100001,3", "M40100000,2:0c43"]) == ["f0f020", "OK"])
        #expect(debugged.cpu.run(for: 300) == .budget)
        #expect(debugged.ask("p3") == "04000000")
        #expect(debugged.ask(RemotePacket(content: Array("X3ffe8001,3:".utf8) + [0x23, 0x7D, 0x00])) == "OK")
        #expect(answers(debugged, ["m3ffe8000,5", "X3ffe8000,0:", "M3ffe8000,0:"]) == ["00237d0000", "OK", "OK"])
        #expect(debugged.machine.read(5, at: Machine.data) == [0, 0x23, 0x7D, 0, 0])
        for bad in [
            "m", "m1", "m1,", "m3ffe8000,801", "M3ffe8000,1", "M3ffe8000,1:", "M3ffe8000,1:0", "M3ffe8000,2:00",
        ] {
            #expect(debugged.ask(bad) == "E22", "\(bad)")
        }
        for none in ["m0,1", "mffffffff,2", "m3ffebfff,2", "M3ffebfff,2:0000", "Mffffffff,2:0000", "m40200000,4"] {
            #expect(debugged.ask(none) == "E14", "\(none)")
        }
    }

    @Test("what the CPU may not write to is not written to by a debugger either")
    func readOnly() {
        let debugged = DebuggedMachine(Self.circle)
        debugged.machine.map(0x4020_0000, count: 0x1000, [.execute], [1, 2, 3, 4])
        #expect(answers(debugged, ["m40200001,2", "M40200001,1:ff", "m40200001,2"]) == ["0203", "E14", "0203"])
    }

    @Test("peripherals are read only where that has no effect, and written to in whole words")
    func peripherals() {
        let debugged = DebuggedMachine(Self.circle)
        var stored: [UInt32: UInt32] = [:]
        debugged.machine.onLoad = { _, _ in
            Issue.record("a load")
            return 0
        }
        debugged.machine.onPeek = { $0 == 0x6000_001C ? 0x0403_0201 : nil }
        debugged.machine.onStore = { value, address, _ in
            stored[address] = value
            return true
        }
        #expect(
            answers(debugged, ["m6000001c,4", "m6000001d,2", "m6000001c,5", "m60000000,4", "M60000014,4:78563412"])
                == ["01020304", "0203", "E14", "E14", "OK"])
        #expect(answers(debugged, ["M60000014,2:0000", "M60000015,4:00000000"]) == ["E14", "E14"])
        #expect(stored == [0x6000_0014: 0x1234_5678])
    }

    @Test("a run ends at a breakpoint, a step goes past it, and the reason is said to who knows it")
    func breakpoints() {
        let debugged = DebuggedMachine(Self.circle)
        let stop = "T05thread:01;"
        #expect(
            answers(debugged, ["Z0,40100002,3", "c", "c", "p10", "Z1,40100005,3", "s", "c", "z0,40100002,3", "s", "c"])
                == ["OK", stop, stop, "02001040", "OK", stop, stop, "OK", stop, stop])
        #expect((debugged.cpu.cycles, debugged.cpu.breakpoints) == (5, [Self.code + 5]))
        #expect(debugged.ask("qSupported:swbreak+;hwbreak+")?.contains("QStartNoAckMode+") == true)
        #expect(
            answers(debugged, ["c", "?", "Z0,40100005,3", "c", "z1,40100005,3", "c"])
                == [stop + "hwbreak:;", stop + "hwbreak:;", "OK", stop + "swbreak:;", "OK", stop + "swbreak:;"])
        #expect(
            answers(debugged, ["Z2,40100005,4", "Z3,0,4", "Z4,0,4", "Z0,x,3", "Z0,1,"]) == ["", "", "", "E22", "E22"])
    }

    @Test("so many breakpoints are kept, and no more")
    func mostBreakpoints() {
        let debugged = DebuggedMachine(Self.circle)
        for number in 0..<DebugSession.mostBreakpoints {
            #expect(debugged.ask("Z0,\(String(number, radix: 16)),3") == "OK")
        }
        #expect(answers(debugged, ["Z0,0,3", "Z0,1000,3", "z0,0,3", "Z0,1000,3"]) == ["OK", "E28", "OK", "OK"])
    }

    @Test("steps and runs begin where they are told, in each of their forms")
    func resuming() {
        let debugged = DebuggedMachine(Self.circle)
        let stop = "T05thread:01;"
        #expect(
            answers(
                debugged,
                ["s", "p10", "s40100000", "p10", "S05;40100002", "p10", "vCont;s:1", "vCont;s:7;S05:-1", "p10"])
                == [stop, "02001040", stop, "02001040", stop, "05001040", stop, stop, "02001040"])
        #expect(
            answers(debugged, ["Z0,40100000,2", "C05;40100005", "p10", "sx", "vCont;t", "vCont;s:7"]) == [
                "OK", stop, "00001040", "E22", "", "",
            ])
        #expect(answers(debugged, ["z0,40100000,2", "c", "?"]) == ["OK", "T02thread:01;", "T02thread:01;"])
    }

    @Test("a jump to where nothing can be run, and a wait without an end, are told as signals")
    func stops() {
        let debugged = DebuggedMachine([Assembly.bits(.waiti)] + Self.circle)
        debugged.machine.memory.trap(0x4000_0000, count: 0x1000)
        #expect(
            answers(debugged, ["c40000abc", "s40100000", "s"]) == ["T04thread:01;", "T05thread:01;", "T05thread:01;"])
    }

    @Test("monitor resets, counts cycles and explains itself")
    func monitor() {
        let debugged = DebuggedMachine(Self.circle)
        func monitor(_ command: String) -> String? {
            debugged.ask("qRcmd," + HexText.of(command.utf8)).flatMap { HexText.bytes(Array($0.utf8)) }.map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        #expect(debugged.ask("s") == "T05thread:01;")
        #expect(monitor("cycles") == "1 cycles\n")
        #expect(monitor("reset") == "reset\n")
        #expect(monitor("") == "there is no such command; monitor help lists those that there are\n")
        #expect(
            monitor("help") == """
                reset   resets the chip; the CPU stays halted
                cycles  how many cycles the CPU has counted since it was started

                """)
        #expect(debugged.ask("qRcmd,7") == "E22")
        #expect(debugged.actions == [.reset])
    }

    @Test("who goes takes the breakpoints along, and is not answered any more")
    func ending() {
        for (packet, answer, action) in [("D", "OK", DebugSession.Action.detach), ("k", nil, .kill)] {
            let debugged = DebuggedMachine(Self.circle)
            #expect(debugged.ask("Z0,40100000,2") == "OK")
            #expect(debugged.ask(packet) == answer)
            #expect((debugged.actions, debugged.cpu.breakpoints) == ([action], []))
            #expect(debugged.ask("?") == nil)
        }
    }

    @Test("packets are acknowledged, sent again when refused, and without acknowledgements on request")
    func acknowledgements() {
        let debugged = DebuggedMachine(Self.circle)
        func send(_ text: String) -> String { String(decoding: debugged.send(Array(text.utf8)), as: UTF8.self) }
        #expect(send("+$qC#b4") == "+$QC01#f5")
        #expect(send("-") == "$QC01#f5")
        #expect(send("$qC#b5") == "-")
        #expect(send("\u{03}") == "")
        #expect(send("$QStartNoAckMode#b0") == "+$OK#9a")
        #expect(send("+$qC#b4-$qC#b5") == "$QC01#f5")
    }

    @Test("while the CPU runs, only ctrl-C, D and k count")
    func running() {
        let (machine, cpu) = Machine.running(Self.circle)
        defer { machine.free() }
        var session = DebugSession()
        let acknowledged = DebugSession.Action.send([UInt8(ascii: "+")])
        #expect(session.receive(RemotePacket("c").wire, cpu) == [acknowledged, .run])
        #expect(session.receive(RemotePacket("g").wire, cpu) == [acknowledged])
        #expect(session.receive([0x03], cpu) == [.halt])
        #expect(session.ended(.paused, cpu) == [.send(RemotePacket("T02thread:01;").wire)])
        #expect(session.ended(.paused, cpu) == [])
        #expect(
            session.receive(RemotePacket("c").wire + RemotePacket("k").wire, cpu) == [
                acknowledged, .run, acknowledged, .kill,
            ])
    }

    @Test("whatever comes, it is answered or thrown away", arguments: 0..<20 as Range<UInt64>)
    func hostile(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let debugged = DebuggedMachine(Self.circle)
        let words = [
            "g", "G", "p", "P", "m", "M", "X", "c", "s", "C", "S", "vCont", ";", ":", ",", "=", "Z0", "z1", "Z4", "H",
            "T", "qRcmd", "qSupported", "QStartNoAckMode", "0", "3ffe8000", "40100000", "ffffffff", "4", "-1", "x", "}",
            "\u{03}", "é",
        ]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                words[Int.random(in: 0..<words.count, using: &random)]
            }
            var wire = RemotePacket(content: Array(text.joined().utf8)).wire
            if random.oneIn(4) {
                wire[Int.random(in: 0..<wire.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            _ = debugged.send(wire)
        }
        // It listens still: "-" may come before, for a packet that was begun.
        #expect(debugged.send(RemotePacket("qC").wire).suffix(8) == RemotePacket("QC01").wire.suffix(8))
        #expect(debugged.actions == [])
    }
}
