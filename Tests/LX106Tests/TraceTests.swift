import ESPLoader
import Foundation
import TestSupport
import Testing

@testable import LX106

@Suite struct TraceTests {
    private static let source = """
        .section .text
        words: .word 0x12345678
        pointer: .word thrice
        .global start
        .type start, @function
        start:
            l32r a2, words
            movi.n a3, 3
        again:
            addi.n a3, a3, -1
            bnez a3, again
            call0 twice
            l32r a4, pointer
            callx0 a4
            j rest
        .size start, .-start
        .align 4
        .type twice, @function
        twice:
            add a2, a2, a2
            ret
        .size twice, .-twice
        .align 4
        .type thrice, @function
        thrice:
            addx2 a2, a2, a2
            ret.n
        .size thrice, .-thrice
        .align 4
        rest:
            syscall
        """

    /// A program in assembly that was linked for the IRAM, in ours, and objdump's text of each instruction by its address.
    private func build(
        _ folder: URL
    ) async throws -> (machine: Machine, cpu: Processor, symbols: SymbolTable, text: [UInt32: String]) {
        let names = ["program.s", "program.o", "program"].map { folder.appending(path: $0).path }
        try Data(Self.source.utf8).write(to: URL(filePath: names[0]))
        for command in [
            ["xtensa-lx106-elf-gcc", "-c", "-Wa,--no-transform", names[0], "-o", names[1]],
            ["xtensa-lx106-elf-ld", "-Ttext", "0x40100000", "-e", "start", names[1], "-o", names[2]],
        ] {
            try await CrossTools.run(command, output: folder.appending(path: "stdout"))
        }
        let elf = try ELF32(Array(Data(contentsOf: URL(filePath: names[2]))))
        let (machine, cpu) = Machine.running([])
        for section in elf.sections where section.isLoaded && section.flags & 2 != 0 {
            machine.write(section.data, at: section.address)
        }
        cpu.pc = elf.entry
        let symbols = SymbolTable(
            elf.symbols.filter(\.isCode).map { SymbolTable.Symbol(address: $0.address, size: $0.size, name: $0.name) })
        let lines = try await CrossTools.lines(["xtensa-lx106-elf-objdump", "-d", "-z", names[2]], in: folder)
        var text: [UInt32: String] = [:]
        for line in lines {
            let parts = line.split(separator: "\t")
            guard parts.count >= 3, let address = UInt32(parts[0].dropLast(), radix: 16) else { continue }
            text[address] = parts[2...].joined(separator: " ")
        }
        return (machine, cpu, symbols, text)
    }

    /// A line's instruction as objdump writes it for linked programs: addresses without 0x, and with their symbol behind.
    private func matches(_ line: String, _ text: String) -> Bool {
        guard let instruction = line.split(separator: ": ", maxSplits: 1).last?.split(separator: " -> ").first else {
            return false
        }
        let theirs = text.split(separator: " <")[0]
        return instruction == theirs || instruction.replacing("0x4010", with: "4010") == theirs
    }

    @Test(
        "every instruction that is run is a line with its symbol, as objdump writes it",
        .enabled(if: CrossTools.areExpected(CrossTools.compiler), CrossTools.reason))
    func instructions() async throws {
        try await withTemporaryDirectory { folder in
            let (machine, cpu, symbols, text) = try await build(folder)
            defer { machine.free() }
            let trace = Trace(symbols: symbols)
            var lines: [String] = []
            while lines.count < 100, cpu[.exccause] != ExceptionCause.syscall.rawValue {
                let address = cpu.pc
                let (stop, said) = trace.step(cpu)
                #expect(stop == .budget && said.count == 1)
                #expect(said.allSatisfy { matches($0, text[address] ?? "nothing") }, "\(said) \(text[address] ?? "")")
                lines += said
            }
            #expect(
                lines == [
                    "0x40100008 start: l32r a2, 0x40100000",
                    "0x4010000b start+0x3: movi.n a3, 3",
                    "0x4010000d again: addi.n a3, a3, -1",
                    "0x4010000f again+0x2: bnez a3, 0x4010000d -> 0x4010000d again",
                    "0x4010000d again: addi.n a3, a3, -1",
                    "0x4010000f again+0x2: bnez a3, 0x4010000d -> 0x4010000d again",
                    "0x4010000d again: addi.n a3, a3, -1",
                    "0x4010000f again+0x2: bnez a3, 0x4010000d",
                    "0x40100012 again+0x5: call0 0x40100020 -> 0x40100020 twice",
                    "0x40100020 twice: add a2, a2, a2",
                    "0x40100023 twice+0x3: ret -> 0x40100015 again+0x8",
                    "0x40100015 again+0x8: l32r a4, 0x40100004",
                    "0x40100018 again+0xb: callx0 a4 -> 0x40100028 thrice",
                    "0x40100028 thrice: addx2 a2, a2, a2",
                    "0x4010002b thrice+0x3: ret.n -> 0x4010001b again+0xe",
                    "0x4010001b again+0xe: j 0x40100030 -> 0x40100030 rest",
                    "0x40100030 rest: syscall -> 0x40101030",
                ])
        }
    }

    @Test(
        "of calls, returns and exceptions alone, if only those are wanted",
        .enabled(if: CrossTools.areExpected(CrossTools.compiler), CrossTools.reason))
    func calls() async throws {
        try await withTemporaryDirectory { folder in
            let (machine, cpu, symbols, _) = try await build(folder)
            defer { machine.free() }
            let trace = Trace(symbols: symbols, detail: .calls)
            #expect(
                (0..<17).flatMap { _ in trace.step(cpu).lines } == [
                    "0x40100012 again+0x5: call0 0x40100020 -> 0x40100020 twice",
                    "0x40100023 twice+0x3: ret -> 0x40100015 again+0x8",
                    "0x40100018 again+0xb: callx0 a4 -> 0x40100028 thrice",
                    "0x4010002b thrice+0x3: ret.n -> 0x4010001b again+0xe",
                    "0x40100030 rest: syscall -> 0x40101030",
                ])
        }
    }

    @Test("interrupts, faults, and where nothing is run")
    func elsewhere() {
        let (machine, cpu) = Machine.running([Assembly.bits(.nop), Assembly.bits(.jx, s: 5)])
        defer { machine.free() }
        machine.write(Assembly.bytes(Assembly.bits(.rfe)), at: Machine.vectors + 0x30)
        machine.memory.trap(0x4000_0000, count: 0x1000)
        let trace = Trace(
            symbols: SymbolTable([
                .init(address: Machine.code, size: 3, name: "begin"), .init(address: 0x4000_0ABC, name: "routine"),
            ]))
        cpu[.intenable] = Interrupt.uart
        cpu.setInterrupt(Interrupt.uart, true)
        #expect(
            trace.step(cpu).lines == [
                "0x40100000 begin: interrupt -> 0x40101030", "0x40101030: rfe -> 0x40100000 begin",
            ])
        cpu.setInterrupt(Interrupt.uart, false)
        cpu[5] = 0x4000_0ABC
        #expect(trace.step(cpu).lines == ["0x40100000 begin: nop"])
        #expect(trace.step(cpu).lines == ["0x40100003: jx a5 -> 0x40000abc routine"])
        let end = trace.step(cpu)
        #expect((end.stop, end.lines) == (.trap(address: 0x4000_0ABC), []))
        cpu.pc = 0x4020_0000
        #expect(trace.step(cpu).lines == ["0x40200000: no instruction -> 0x40101030"])
    }
}
