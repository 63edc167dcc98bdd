import TestSupport
import Testing

@testable import VirtualBoard

/// The ROM's event loop.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct TaskTests {
    private static let program = """
        static struct event low[3], high[2];
        static volatile u32 bells, idles;
        static void lower(struct event *event) {
            ets_printf("low %d %d\\n", event->signal, event->parameter);
            if (event->signal == 1) ets_post(7, 10, event->parameter + 1);
        }
        static void higher(struct event *event) { ets_printf("high %d %d\\n", event->signal, event->parameter); }
        static void idle(void *argument) { if (++idles == 1) ets_printf("idle %d\\n", argument); }
        static void bell(void *unused) {
            REG(0x6000060c) = 0;
            if (++bells == 3) REG(0x60000608) = 0;
            ets_post(0, 20, bells);
        }
        void start(void) {
            ets_isr_attach(9, bell, 0);
            ets_isr_unmask(1 << 9);
            ets_printf("%d %d ", ets_post(0, 1, 1), ets_task(lower, 32, low, 3));
            ets_printf("%d %d\\n", ets_task(lower, 0, low, 3), ets_task(higher, 7, high, 2));
            ets_set_idle_cb(idle, (void *)42);
            for (u32 count = 1; count < 5; count++) ets_printf("%d ", ets_post(0, count, 100));
            ets_printf("%d\\n", ets_post(7, 9, 200));
            REG(0x3ff00004) |= 2;
            REG(0x60000600) = 312500;
            REG(0x60000608) = 1 << 7 | 1 << 6 | 1 << 2;
            ets_run();
            ets_printf("never\\n");
        }
        """

    @Test(
        "events come to their tasks in order, the higher task first, full queues take none, and a loop that waits hears interrupts",
        arguments: ChipTiming.allCases)
    func events(timing: ChipTiming) async throws {
        try await withTemporaryDirectory { directory in
            var board = SimulatedBoard(try await Firmware.image(Self.program, in: directory), timing: timing)
            board.run(for: .milliseconds(400))
            #expect(
                board.program.split(separator: "\r\n") == [
                    "1 0 1 1", "0 0 0 1 0", "high 9 200", "low 1 100", "high 10 101", "low 2 100", "low 3 100",
                    "idle 42",
                    "low 20 1", "low 20 2", "low 20 3",
                ])
            #expect(board.halts == [])
        }
    }
}
