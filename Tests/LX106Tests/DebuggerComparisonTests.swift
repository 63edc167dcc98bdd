import Foundation
import TestSupport
import Testing

@testable import LX106

/// The same packets to QEMU's gdb server and to ours: the answers are equal.
@Suite struct DebuggerComparisonTests {
    private static let code = Machine.code
    private static let scratch: UInt32 = 0x3FF8_0000
    private static let ccount = 44

    /// Counts down, stores, calls a function that touches special registers, and stays where it is.
    private static let program: [UInt8] = [
        Assembly.bits(.moviN, s: 3, 5),
        Assembly.bits(.addiN, r: 3, s: 3, .max),
        Assembly.bits(.bnez, s: 3, code + 2, at: code + 4),
        Assembly.bits(.s32i, s: 5, t: 6, 4),
        Assembly.bits(.call0, code + 0x10, at: code + 10),
        Assembly.bits(.j, code + 13, at: code + 13),
        Assembly.bits(.wsr, t: 6, UInt32(SpecialRegister.excsave1.rawValue)),
        Assembly.bits(.ssai, 13),
        Assembly.bits(.ssl, s: 5),
        Assembly.bits(.mull, r: 7, s: 6, t: 6),
        Assembly.bits(.syscall),
    ].flatMap(Assembly.bytes)

    /// What programs can read of what `G` sets, one into each address register.
    private static let readable: [SpecialRegister] = [
        .sar, .litbase, .ddr, .epc1, .epc2, .epc3, .depc, .eps2, .eps3, .excsave1, .excsave2, .excsave3, .vecbase,
        .exccause,
        .excvaddr, .ccompare0,
    ]

    private static var specialRegisters: [String] {
        let reading = readable.enumerated().flatMap { number, register in
            Assembly.bytes(Assembly.bits(.rsr, t: UInt32(number), UInt32(register.rawValue)))
        }
        let values = DebugRegister.all.map { register -> UInt32 in
            switch register {
            case .address: 0
            case .pc: code
            case .special(.sar): 7
            case .special(.ps): 0x1F
            case .special(.configid0): 0xC28C_DAFA
            case .special(.configid1): 0x1082_B6F6
            case .special(let special):
                readable.contains(special) ? 0x4000_0000 + UInt32(special.rawValue) << 12 : 0
            }
        }
        return [
            "M\(String(code, radix: 16)),\(String(reading.count, radix: 16)):\(HexText.of(reading))",
            "G" + values.map { HexText.of(register: $0) }.joined(), "g",
        ] + readable.map { _ in "s" } + ["g"]
    }

    private static var script: [String] {
        let place = String(code, radix: 16)
        func at(_ offset: UInt32) -> String { String(code + offset, radix: 16) }
        let registers = (0..<16).map { number -> UInt32 in
            number == 5 ? scratch : number == 6 ? 0x1234_5678 : UInt32(number) << 20
        }
        let all = (registers + [code]).map { HexText.of(register: $0) }.joined()
        return [
            "?", "qAttached", "vCont?", "Hg0", "Hc-1", "Hgx", "H", "T1", "T5", "T", "vMustReplyEmpty", "g",
            "M\(place),\(String(program.count, radix: 16)):\(HexText.of(program))", "M\(place),2:00",
            "m\(place),\(String(program.count, radix: 16))", "m\(place),0", "m\(place),801", "m3fe00000,4",
            "m90000000,4",
            "G\(all)", "g", "s", "g", "s", "s", "g",
            "Z0,\(at(4)),2", "c", "g", "c", "s", "c", "g", "z0,\(at(4)),2", "Z1,\(at(7)),3", "c", "g", "s", "s", "g",
            "z1,\(at(7)),3", "Z0,\(at(7))", "Z9,\(at(7)),3", "m\(String(scratch, radix: 16)),10",
            "vCont;s:1", "vCont;s", "vCont;s:1;c", "g", "vCont;x", "vCont;", "s", "s", "g", "s\(at(2))", "g",
            "c\(at(13)) ^C", "g", "zzz",
        ] + specialRegisters
    }

    /// CCOUNT runs with the host's time in QEMU.
    private static func withoutCount(_ line: String) -> String {
        guard line.hasPrefix("g -> "), line.count == 5 + 8 * DebugRegister.all.count else { return line }
        let place = line.index(line.startIndex, offsetBy: 5 + 8 * ccount)
        return line.replacingCharacters(in: place..<line.index(place, offsetBy: 8), with: "........")
    }

    @Test(
        "registers, memory, steps, breakpoints, ctrl-C and errors are answered as by QEMU",
        .enabled(
            if: CrossTools.areExpected(["qemu-system-xtensa"]) && PythonPeer.isExpected,
            "QEMU or the peers are not installed; run make deps peers"),
        .timeLimit(.minutes(5)))
    func comparison() async throws {
        let theirs = try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "script")
            try Data(Self.script.joined(separator: "\n").utf8).write(to: file)
            return try await PythonPeer.run(
                "lx106_debugger.py",
                [
                    file.path, "qemu-system-xtensa", "-M", "sim", "-cpu", "lx106", "-m", "64", "-display", "none",
                    "-serial", "none", "-monitor", "none", "-S", "-gdb", "unix:{socket},server=on,wait=off",
                ])
        }
        let machine = Machine()
        machine.map(0x3FF8_0000, count: 0x8_0000, [.write, .narrow, .execute])
        machine.map(0x4000_0000, count: 0x20_0000, [.write, .narrow, .execute])
        let debugged = DebuggedMachine(machine, Processor(memory: machine.memory, pc: 0x5000_0000))
        let ours = Self.script.map { line in
            "\(line) -> \(debugged.ask(line.replacing(" ^C", with: "")) ?? "nothing")"
        }
        let differing = zip(ours, theirs).filter { Self.withoutCount($0) != Self.withoutCount($1) }
        #expect(differing.isEmpty, "\(differing.map { "ours: \($0)\nQEMU: \($1)" }.joined(separator: "\n"))")
        #expect(theirs.count == Self.script.count)
        #expect(debugged.cpu.pc == Self.code + UInt32(3 * Self.readable.count))
    }
}
