import TestSupport
import Testing

@testable import VirtualBoard

/// Why the chip starts, as the ROM and the program say it, and what is left of the time before.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct ResetCauseTests {
    private static let program = """
        static u32 data = 7;
        void start(void) {
            u32 sum = 0;
            for (u32 place = 0x60001000; place < 0x60001400; place += 4) sum += REG(place);
            ets_printf("reason %d, register %d, memory %d, data %d\\n", rtc_get_reset_reason(), REG(0x60000714) & 7, sum, data++);
            for (u32 place = 0x60001000; place < 0x60001400; place += 4) REG(place) = 1;
            REG(0x60001000) = sum;
            while (REG(0x6000001c) >> 16 & 0xff) {}
            char what;
            while (uart_rx_one_char(&what)) {}
            if (what == 'w') { REG(0x60000904) = 4; REG(0x60000908) = 4; REG(0x60000900) = 1; }
            if (what == 'e') ets_wdt_enable();
            if (what == 's') software_reset();
            if (what == 'r') REG(0x60000700) |= 1u << 31;
            if (what == 'v') ((void (*)(void))0x40000080)();
            for (;;) {}
        }
        """

    @Test(
        "each cause of a reset is told by the boot log, the ROM's routine and the RTC; memory of the RTC is lost with the power"
    )
    func causes() async throws {
        try await withTemporaryDirectory { directory in
            var board = SimulatedBoard(try await Firmware.image(Self.program, in: directory))
            func wait(_ board: inout SimulatedBoard) { board.run(for: .milliseconds(70)) }
            wait(&board)
            for command in "wsrv" {
                board.receive(Array("\(command)".utf8), baud: 74_880)
                wait(&board)
            }
            // ets_wdt_enable waits for some seconds.
            board.receive(Array("e".utf8), baud: 74_880)
            board.run(for: .seconds(6))
            board.reset()
            wait(&board)
            board.cyclePower()
            wait(&board)
            let lines = board.text.split(separator: "\r\n").map(String.init).filter {
                $0.contains("rst cause") || $0.hasPrefix("reason") || $0 == "wdt reset"
            }
            func start(_ cause: Int, _ sum: Int) -> [String] {
                [" ets Jan  8 2013,rst cause:\(cause), boot mode:(3,6)"] + (cause == 4 ? ["wdt reset"] : [])
                    + ["reason \(cause), register \(cause), memory \(sum), data 7"]
            }
            let sums = [0, 255, 510, 765, 1020, 1275, 1530, 0]
            #expect(lines == zip([1, 4, 3, 3, 3, 4, 2, 1], sums).flatMap(start))
            #expect(board.halts == [])
        }
    }
}
