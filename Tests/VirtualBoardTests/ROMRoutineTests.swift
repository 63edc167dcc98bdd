import ESPLoader
import Foundation
import TestSupport
import Testing

@testable import VirtualBoard

/// The ROM's routines at the edges of what they can be asked for.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct ROMRoutineTests {
    @Test(
        "a routine that runs out of memory raises the exception of its access, which a program can handle",
        arguments: [
            // From a buffer at 3ffea000: data RAM ends at 40000000, and the ROM behind it can be read but not written.
            ("memcpy((void *)0x3fff0000, (void *)0x3ffea000, 0xffffffff);", 3, "40000000"),
            ("memset((void *)0x3fff0000, 0, 0x80000000);", 3, "40000000"),
            ("memcpy((void *)0, (void *)0x3ffea000, 4);", 29, "00000000"),
            ("memcpy((void *)0x3ffea000, (void *)0x100, 4);", 28, "00000100"),
            ("if (memcmp((void *)0x50000000, (void *)0x3ffea000, 8)) REG(0) = 1;", 3, "50000000"),
            ("ets_printf(\"%s\\n\", (char *)0x50000000);", 3, "50000000"),
            ("ets_printf((char *)0x10);", 28, "00000010"),
            ("REG(0) = strlen((char *)0x402fffff);", 3, "402fffff"),
            ("strcpy((char *)0x60000000, \"registers\");", 3, "60000000"),
            ("while (uart_rx_one_char((char *)0x400)) {}", 29, "00000400"),
            ("SPIRead(0, (void *)0x3fffff00, 0x200);", 3, "40000000"),
            ("SPIWrite(0, (void *)0x50000000, 0x200);", 3, "50000000"),
        ] as [(String, Int, String)])
    func noMemory(body: String, cause: Int, address: String) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static void dump(struct frame *frame, int cause) {
                    u32 address;
                    asm volatile("rsr.excvaddr %0" : "=r"(address));
                    ets_printf("cause %d at %08x in the ROM %d\\n", cause, address, frame->epc >> 16 == 0x4000);
                    for (;;) {}
                }
                void start(void) {
                    _xtos_set_exception_handler(3, dump);
                    _xtos_set_exception_handler(28, dump);
                    _xtos_set_exception_handler(29, dump);
                    \(body)
                    ets_printf("went on\\n");
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(45))
            board.receive([0x21], baud: 74_880)
            board.run(for: .milliseconds(25))
        }
    }

    @Test("what is not all on the flash is refused, and nothing of it is done")
    func flashEnd() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static u32 buffer[4];
                void start(void) {
                    buffer[0] = 0x12345678;
                    ets_printf("%d %d %d %d ", SPIRead(0x3ffffc, buffer, 8), SPIRead(0xfffffff0, buffer, 16),
                        SPIRead(0, buffer, 0xffffffff), SPIRead(0x400000, buffer, 4));
                    ets_printf("%08x ", buffer[0]);
                    ets_printf("%d %d %d ", SPIWrite(0x3ffffc, buffer, 8), SPIEraseSector(1024), SPIEraseSector(0xffffffff));
                    ets_printf("%d ", SPIRead(0x3ffffc, buffer, 4));
                    ets_printf("%08x\\n", buffer[0]);
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image, more: [0x3F_FFFC: [1, 2, 3, 4]])
            board.run(for: .milliseconds(80))
            #expect(board.program == "1 1 1 1 12345678 1 1 1 0 04030201\r\n")
        }
    }

    @Test(
        "a routine that is missing, an exception that nobody handles and a program's end are told with where they were")
    func halts() async throws {
        for (body, said) in [
            (
                #"asm volatile("movi a0, rom_missing\n callx0 a0\n .global mark\n mark:" : : : "a0");"#,
                "the program has called cmd_parse at 0x40000814 in the ROM, which is not emulated; a0=0xMARK"
            ),
            (
                #"asm volatile("movi a0, 0x40009999\n callx0 a0\n .global mark\n mark:" : : : "a0");"#,
                "the program has called something at 0x40009999 in the ROM, which is not emulated; a0=0xMARK"
            ),
            (
                #"asm volatile("movi a3, 0x50000010\n movi a0, 0x123\n .global mark\n mark: s32i a0, a3, 8" : : : "a0", "a3");"#,
                "an exception that nothing handles: cause 3, pc=0xMARK, excvaddr=0x50000018, a0=0x00000123"
            ),
            (
                #"asm volatile("movi a0, 0x456\n .global mark\n mark: ill" : : : "a0");"#,
                "an exception that nothing handles: cause 0, pc=0xMARK, excvaddr=0x00000000, a0=0x00000456"
            ),
            ("", "the program has returned to the ROM, which has nothing more to do"),
        ] {
            try await withTemporaryDirectory { directory in
                let elf = try await Firmware.build(
                    "void start(void) { ets_putc('+'); ets_printf(\"last words\\n\"); \(body) }", in: directory)
                try await Firmware.make(["from-elf", elf.path, "-o", directory.appending(path: "image").path])
                let image = Array(try Data(contentsOf: directory.appending(path: "image0x00000.bin")))
                let symbols = try ELF32(Array(try Data(contentsOf: elf))).symbols
                let mark = symbols.first { $0.name == "mark" }.map { String($0.address, radix: 16) } ?? "nowhere"
                for timing in ChipTiming.allCases {
                    var board = SimulatedBoard(image, timing: timing)
                    board.run(for: .milliseconds(60))
                    let wanted = said.replacing("MARK", with: mark)
                    #expect(board.halts.map { "\($0)" } == [wanted])
                    #expect(board.program == "+last words\r\n")
                }
            }
        }
    }
}
