import Foundation
import TestSupport
import Testing

@testable import LX106

@Suite struct DecoderTests {
    @Test("an instruction takes eight bytes of memory, so that blocks of them are read fast")
    func size() {
        #expect(MemoryLayout<Instruction>.stride == 8)
    }

    @Test("wide and narrow instructions are told by their first byte")
    func lengths() {
        #expect((0..<16).map { Decoder.length(first: $0) } == [3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2])
    }

    @Test("no row of the table stands for what another one does")
    func rows() {
        for rows in InstructionTable.rows {
            for (index, row) in rows.enumerated() {
                #expect(row.bits & ~row.mask == 0, "\(row)")
                for other in rows[..<index] {
                    let common = row.mask & other.mask
                    #expect(row.bits & common != other.bits & common, "\(row) and \(other)")
                }
            }
        }
        let made = Set(InstructionTable.rows.joined().map(\.operation))
        #expect(made == Set(Operation.allCases).subtracting([.undefined, .goOn, .note]))
    }

    @Test(
        "every combination of bits that are no operands is what objdump makes of it",
        .enabled(if: CrossTools.areExpected(CrossTools.compiler), CrossTools.reason), .timeLimit(.minutes(2)))
    func combinations() async throws {
        let patterns = try await onThread { Patterns.all() }
        let (image, ours) = try await onThread { (Patterns.image(patterns), Patterns.text(patterns)) }
        let theirs = try await Disassembly.text(of: image, lines: "^ *[0-9a-f]*[08]:")
        #expect(patterns.count > 100_000)
        let isEqual = ours == theirs
        #expect(isEqual, "\(Patterns.differences(patterns, ours, theirs))")
    }

    @Test(
        "every instruction of a program as large as firmware is what objdump makes of it",
        .enabled(if: CrossTools.areExpected(CrossTools.compiler), CrossTools.reason), .timeLimit(.minutes(2)),
        arguments: ["-O2", "-Os"])
    func program(level: String) async throws {
        let code = try await withTemporaryDirectory { folder in
            let source = folder.appending(path: "program.c")
            try RandomProgram.text(seed: 1, functions: 280).write(to: source, atomically: true, encoding: .utf8)
            let (object, binary) = (folder.appending(path: "program.o"), folder.appending(path: "program.bin"))
            for command in [
                [
                    "xtensa-lx106-elf-gcc", level, "-w", "-mlongcalls", "-ffreestanding", "-c", source.path, "-o",
                    object.path,
                ],
                ["xtensa-lx106-elf-objcopy", "-O", "binary", "-j", ".text", object.path, binary.path],
            ] {
                try await CrossTools.run(command, output: folder.appending(path: "stdout"))
            }
            return try Array(Data(contentsOf: binary))
        }
        #expect(code.count > 90_000)
        let theirs = try await Disassembly.lines(of: code)
        let ours = try await onThread { theirs.map { Disassembly.line(code, at: $0.address) } }
        for (their, our) in zip(theirs, ours) where their != our {
            Issue.record("at \(String(their.address, radix: 16)): objdump \(their), ours \(our)")
            break
        }
        // What is told apart there is told apart somewhere in the program.
        let kinds = Set(theirs.map { $0.text.prefix { $0 != " " } })
        #expect(kinds.count > 60, "\(kinds.sorted())")
    }
}
