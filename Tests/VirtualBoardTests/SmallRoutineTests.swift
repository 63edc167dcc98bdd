import TestSupport
import Testing

@testable import VirtualBoard

/// Routines of the ROM below those that programs call most.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct SmallRoutineTests {
    @Test("the level of interrupts is set, raised, kept and restored; what waits is seen, and comes when it may")
    func levels() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static volatile u32 seen;
                static void handle(void *unused) { seen++; }
                static u32 level(void) { u32 ps; asm volatile("rsr.ps %0" : "=r"(ps)); return ps & 15; }
                void start(void) {
                    ets_isr_attach(7, handle, 0);
                    u32 before = _xtos_set_intlevel(2), first = level();
                    ets_isr_unmask(1 << 7);
                    asm volatile("wsr.intset %0\\nesync" : : "r"(1 << 7));
                    ets_printf("%d %x %d ", first, xthal_get_interrupt() & 1 << 7, seen);
                    u32 two = _xtos_set_min_intlevel(1);
                    ets_printf("%d %d ", two & 15, level());
                    _xtos_set_min_intlevel(3);
                    ets_printf("%d ", level());
                    _xtos_restore_intlevel(before);
                    ets_printf("%d %d ", level() == (before & 15), seen);
                    before = _xtos_set_intlevel(1);
                    asm volatile("wsr.intset %0\\nesync" : : "r"(1 << 7));
                    xthal_set_intclear(1 << 7);
                    _xtos_restore_intlevel(before);
                    ets_printf("%d\\n", seen);
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(60))
            #expect(board.program == "2 80 0 2 2 3 1 1 1\r\n")
        }
    }

    @Test("the flash's single commands read, program within a page, and tell its status by the mask")
    func flash() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static u32 chip[6] = { 0x1640ef, 4 << 20, 0x10000, 0x1000, 0x100, 0xffff };
                static u32 data[3] = { 0x11223344, 0x55667788, 0x99aabbcc }, buffer[3], status;
                void start(void) {
                    ets_printf("%d %d ", SPI_page_program(chip, 0x20f6, data, 12), SPI_page_program(chip, 0x2000, data, 6));
                    ets_printf("%d ", SPI_page_program(chip, 0x20f4, data, 12));
                    ets_printf("%d %08x %08x ", SPI_read_data(chip, 0x20f4, buffer, 12), buffer[0], buffer[2]);
                    ets_printf("%d ", SPI_read_data(chip, 0x3ffffc, buffer, 12));
                    ets_printf("%d %x ", SPI_read_status(chip, &status), status);
                    ets_printf("%d ", SPI_write_enable(chip));
                    ets_printf("%d %x ", SPI_read_status(chip, &status), status);
                    chip[5] = 1;
                    ets_printf("%d %x\\n", SPI_read_status(chip, &status), status);
                    xthal_bcopy(data, buffer, 8);
                    ets_printf("%08x\\n", buffer[1]);
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(80))
            #expect(board.program == "1 1 0 0 11223344 99aabbcc 1 0 0 0 0 2 0 0\r\n55667788\r\n")
        }
    }
}
