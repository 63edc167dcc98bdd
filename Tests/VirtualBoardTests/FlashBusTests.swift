import TestSupport
import Testing

@testable import VirtualBoard

/// What the ROM's routines for the flash cost.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct FlashBusTests {
    /// A program that does with the controller's registers what the ROM does, as it does it.
    private static let program = """
        static u32 buffer[1024];
        static void command(u32 bit) {
            REG(0x60000200) = bit;
            while (REG(0x60000200)) {}
        }
        static u32 status(void) {
            command(1 << 27);
            return REG(0x60000210);
        }
        static void enable(void) {
            while (status() & 1) {}
            command(1 << 30);
            while (!(status() & 2)) {}
        }
        static void read(u32 place, u32 *to, u32 size) {
            for (; size; size -= 32, place += 32) {
                REG(0x60000204) = place | 32 << 24;
                command(1u << 31);
                for (int i = 0; i < 8; i++) *to++ = REG(0x60000240 + 4 * i);
            }
        }
        static void write(u32 place, const u32 *from, u32 size) {
            for (; size; size -= 32, place += 32) {
                REG(0x60000204) = place | 32 << 24;
                for (int i = 0; i < 8; i++) REG(0x60000240 + 4 * i) = *from++;
                enable();
                command(1 << 25);
                while (status() & 1) {}
            }
        }
        static void erase(u32 sector) {
            enable();
            REG(0x60000204) = sector << 12;
            command(1 << 24);
            while (status() & 1) {}
        }
        static void say(const char *name, u32 rom, u32 own) { ets_printf("%s %d %d\\n", name, rom, own); }
        void start(void) {
            u32 begin = count();
            SPIRead(0x10000, buffer, 4096);
            u32 rom = count() - begin;
            begin = count();
            read(0x10000, buffer, 4096);
            say("read", rom, count() - begin);
            begin = count();
            SPIEraseSector(0x20);
            rom = count() - begin;
            begin = count();
            erase(0x21);
            say("erase", rom, count() - begin);
            for (int i = 0; i < 1024; i++) buffer[i] = i * 0x10203;
            begin = count();
            SPIWrite(0x20000, buffer, 4096);
            rom = count() - begin;
            begin = count();
            write(0x21000, buffer, 4096);
            say("write", rom, count() - begin);
            for (;;) {}
        }
        """

    @Test(
        "the ROM takes as long as its commands take on the bus, and no longer than a program that gives the same ones",
        arguments: ChipTiming.allCases)
    func bus(timing: ChipTiming) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(Self.program, in: directory)
            var flash = SPIFlash(chip: .w25q32, contents: MemoryFlashContents(bytes: FlashChip.w25q32.bytes))
            _ = flash.program(0, image)
            flash.finish()
            var board = SimulatedBoard(image, timing: timing)
            board.run(for: .milliseconds(400))
            let lines = board.program.split(separator: "\r\n").map { $0.split(separator: " ") }
            #expect(lines.map(\.first) == ["read", "erase", "write"])
            // 128 commands of 32 bytes: opcode and address, before a change the status twice and the enable, all at 20 MHz, as the ROM's loader has it.
            let (read, write, erase) = (4 * 128 * (32 + 256), 4 * 128 * (24 + 32 + 256), 4 * (24 + 32))
            let programming = timing == .real ? 128 * 107 * 80 + 128 * 40 : 0
            let erasing = timing == .real ? 45_000 * 80 : 0
            for (line, wanted) in zip(lines, [read, erase + erasing, write + programming]) {
                let (rom, own) = (Int(line[1]) ?? 0, Int(line[2]) ?? 0)
                #expect((wanted...wanted + 150).contains(rom), "\(line) \(wanted)")
                #expect((wanted...wanted + 40_000 + wanted).contains(own), "\(line) \(wanted)")
            }
            // Whoever has told it to: two sectors, and twice 128 commands of 32 bytes.
            #expect(board.chip.totals.busy - flash.busy == .milliseconds(90) + .nanoseconds(2 * 128 * 107_500))
        }
    }
}
