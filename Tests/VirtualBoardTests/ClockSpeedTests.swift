import TestSupport
import Testing

@testable import VirtualBoard

/// 80 and 160 MHz.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct ClockSpeedTests {
    @Test(
        "at 160 MHz the CPU counts twice as fast, while timers, the serial port and the owner's clock go on as before")
    func doubled() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static u32 toggled;
                static void toggle(void) { REG(0x60000300) = (toggled++ & 1) << 4; }
                static void measure(const char *name) {
                    REG(0x60000628) = 1 << 7;
                    u32 timer = REG(0x60000624), begin = count();
                    toggle();
                    ets_delay_us(1000);
                    toggle();
                    u32 cycles = count() - begin, ticks = REG(0x60000624) - timer;
                    ets_printf("%s %d MHz: %d cycles, %d ticks\\n", name, ets_get_cpu_frequency(), cycles / 1000, ticks / 1000);
                    while (REG(0x6000001c) >> 16 & 0xff) {}
                }
                void start(void) {
                    REG(0x60000310) = 1 << 4;
                    toggle();
                    ets_printf("clock %d\\n", REG(0x3ff00014) & 1);
                    measure("slow");
                    REG(0x3ff00014) |= 1;
                    measure("untold");
                    ets_update_cpu_frequency(160);
                    measure("fast");
                    for (u32 begin = count(); count() - begin < 1600000;) {}
                    toggle();
                    REG(0x3ff00014) &= ~1;
                    ets_update_cpu_frequency(80);
                    measure("slow");
                    if (rtc_get_reset_reason() == 3) for (;;) {}
                    REG(0x3ff00014) |= 1;
                    software_reset();
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(400))
            let lines = [
                "clock 0", "slow 80 MHz: 80 cycles, 80 ticks", "untold 80 MHz: 80 cycles, 40 ticks",
                "fast 160 MHz: 160 cycles, 80 ticks", "slow 80 MHz: 80 cycles, 80 ticks",
            ]
            let said = board.text.split(separator: "\r\n").map(String.init).filter {
                $0.contains("clock ") || $0.contains("MHz")
            }
            #expect(said == lines + lines)
            #expect(board.said.allSatisfy { abs($0.baud - 74_880) < 100 })
            let times = board.pins.changes.filter { $0.pin == 4 }.map(\.time)
            let pauses = zip(times.dropFirst(), times).map { ($0 - $1) / .microseconds(1) }
            // Each delay; between them the port sends, and the CPU counts to 1 600 000.
            for (index, wanted) in [(0, 1000), (2, 500), (4, 1000), (7, 1000)] as [(Int, Double)] {
                #expect(abs(pauses[index] - wanted) < 5, "\(index)")
            }
            #expect((10_000...17_000).contains(pauses[5]))
        }
    }

    @Test("at either speed a second of the program is one of the owner's clock", arguments: [0, 1])
    func pace(doubled: Int) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                void start(void) {
                    REG(0x3ff00014) = \(doubled);
                    REG(0x60000310) = 1 << 4;
                    for (u32 begin = count(), i = 1;; i++) {
                        while (count() - begin < i * \(80_000 << doubled)u) {}
                        REG(0x60000300) = (i & 1) << 4;
                    }
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(60))
            let before = board.pins.changes.count
            board.run(for: .milliseconds(200))
            #expect((197...203).contains(board.pins.changes.count - before))
        }
    }
}
