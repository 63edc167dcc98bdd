import TestSupport
import Testing

@testable import VirtualBoard

/// FRC1 and FRC2 with all of their dividers.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct TimerFirmwareTests {
    private static let dividers: [(bits: Int, divider: Int)] = [(0, 1), (1, 16), (2, 256)]

    @Test("FRC1 counts down from what is loaded, again and again or once through all its bits", arguments: dividers)
    func down(bits: Int, divider: Int) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static volatile u32 ticks;
                static void tick(void *unused) { ticks++; }
                static void pass(u32 cycles) { for (u32 begin = count(); count() - begin < cycles;) {} }
                static void go(u32 control) {
                    ticks = 0;
                    REG(0x60000600) = 1000;
                    REG(0x60000608) = 1 << 7 | control | \(bits) << 2;
                    pass(10500 * \(divider));
                    u32 left = REG(0x60000604);
                    REG(0x60000608) = 0;
                    u32 stopped = REG(0x60000604);
                    pass(2000 * \(divider));
                    ets_printf("%d times, %d hundred left, stands %d\\n", ticks, (left + 50) / 100, stopped == REG(0x60000604));
                }
                void start(void) {
                    ets_isr_attach(9, tick, 0);
                    ets_isr_unmask(1 << 9);
                    go(1 << 6);
                    REG(0x3ff00004) = 2;
                    REG(0x6000060c) = 0;
                    go(1 << 6);
                    go(0);
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(250))
            // Without the interrupt let out nothing comes. Once through zero it goes on from 2^23: 8388608 - 9500.
            #expect(
                board.program
                    == "0 times, 5 hundred left, stands 1\r\n10 times, 5 hundred left, stands 1\r\n"
                    + "1 times, 83791 hundred left, stands 1\r\n")
        }
    }

    @Test("FRC2 counts up, and asks when its count is the alarm", arguments: dividers)
    func up(bits: Int, divider: Int) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static volatile u32 alarms, at;
                static void alarm(void *unused) {
                    alarms++;
                    at = REG(0x60000624);
                    REG(0x60000630) = REG(0x60000630) + 1000;
                }
                void start(void) {
                    ets_isr_attach(10, alarm, 0);
                    ets_isr_unmask(1 << 10);
                    REG(0x3ff00004) = 4;
                    REG(0x60000620) = -500;
                    REG(0x60000630) = 500;
                    REG(0x60000628) = 1 << 7 | \(bits) << 2;
                    u32 begin = count();
                    while (alarms < 5) {}
                    ets_printf("%d alarms after %d thousand, the last at %d hundred\\n", alarms,
                        (count() - begin) / \(divider) / 1000, at / 100);
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(150))
            // From -500 to 4500, and so the last is 1000 counts after 3500.
            #expect(board.program == "5 alarms after 5 thousand, the last at 45 hundred\r\n")
        }
    }
}
