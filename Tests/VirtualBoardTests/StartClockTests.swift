import TestSupport
import Testing

@testable import VirtualBoard

/// The clock that the ROM leaves, and the PLL that programs set.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct StartClockTests {
    private static let program = """
        static u32 toggled;
        static void toggle(void) { REG(0x60000300) = (toggled++ & 1) << 4; }
        static void measure(const char *name) {
            REG(0x60000628) = 1 << 7;
            u32 timer = REG(0x60000624), begin = count();
            toggle();
            while (count() - begin < 80000) {}
            toggle();
            u32 ticks = REG(0x60000624) - timer;
            ets_delay_us(1000);
            toggle();
            toggle();
            ets_printf("%s: %d ticks\\n", name, (ticks + 500) / 1000);
            while (REG(0x6000001c) >> 16 & 0xff) {}
            ets_delay_us(1000);
        }
        void start(void) {
            REG(0x60000310) = 1 << 4;
            toggle();
            ets_printf("%d %d\\n", rom_i2c_readReg(103, 4, 1), rom_i2c_readReg_Mask(103, 4, 2, 7, 4));
            measure("before");
            rom_i2c_writeReg(103, 4, 1, 136);
            rom_i2c_writeReg(103, 4, 2, 145);
            measure("after");
            if (rtc_get_reset_reason() == 3) for (;;) {}
            software_reset();
        }
        """

    @Test(
        "until a program sets the PLL the CPU and the timers have the clock that is chosen, the ports 52 MHz; then all have 80",
        arguments: [(StartClock.crystal, 1538.5), (.full, 1000)])
    func pll(clock: StartClock, before: Double) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(Self.program, in: directory)
            var board = SimulatedBoard(image, startClock: clock)
            board.run(for: .milliseconds(200))
            // Twice, as a reset takes the PLL's setting away.
            #expect(board.said.map(\.baud) == [74_880, 74_927, 115_273, 74_880, 74_927, 115_273])
            let lines = board.text.split(separator: "\r\n").map(String.init).filter {
                !$0.contains("0x") && !$0.contains("rst")
            }
            .filter { !$0.hasPrefix("tail") }
            #expect(
                lines == ["8 8", "before: 80 ticks", "after: 80 ticks", "8 8", "before: 80 ticks", "after: 80 ticks"])
            let times = board.pins.changes.filter { $0.pin == 4 }.map(\.time)
            let pauses = zip(times.dropFirst(), times).map { ($0 - $1) / .microseconds(1) }
            // Where the CPU counts, and where the ROM does, which believes in 80 MHz.
            for (index, wanted) in [(0, before), (1, before), (4, 1000), (5, 1000)] as [(Int, Double)] {
                #expect(abs(pauses[index] - wanted) < 5, "\(index): \(pauses)")
            }
        }
    }

    @Test(
        "at either speed the flash's bus, the timers' alarms and the owner's clock agree",
        arguments: StartClock.allCases)
    func pace(clock: StartClock) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static volatile u32 ticks;
                static void tick(void *unused) { ticks++; REG(0x60000300) = (ticks & 1) << 4; }
                void start(void) {
                    REG(0x60000310) = 1 << 4;
                    ets_isr_attach(9, tick, 0);
                    ets_isr_unmask(1 << 9);
                    REG(0x3ff00004) |= 2;
                    REG(0x60000600) = 5000;
                    REG(0x60000608) = 1 << 7 | 1 << 6 | 1 << 2;
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image, startClock: clock)
            board.run(for: .milliseconds(60))
            let before = board.pins.changes.count
            board.run(for: .milliseconds(200))
            let wanted = 200 * clock.megahertz / 80
            #expect((wanted - 3...wanted + 3).contains(board.pins.changes.count - before))
        }
    }

    @Test("a part of a register behind the internal bus is changed and read, and the rest stays")
    func masks() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                void start(void) {
                    rom_i2c_writeReg(98, 1, 5, 0x81);
                    rom_i2c_writeReg_Mask(98, 1, 5, 6, 4, 0xd);
                    ets_printf("%02x %d ", rom_i2c_readReg(98, 1, 5), rom_i2c_readReg_Mask(98, 1, 5, 6, 4));
                    rom_i2c_writeReg_Mask(98, 1, 5, 7, 0, 0x3c);
                    ets_printf("%02x %02x %d\\n", rom_i2c_readReg(98, 1, 5), rom_i2c_readReg(98, 2, 5),
                        rom_i2c_readReg_Mask(98, 1, 5, 2, 2));
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(60))
            #expect(board.program == "d1 5 3c 00 1\r\n")
        }
    }
}
