import TestSupport
import Testing

@testable import VirtualBoard

/// That a program which waits is not run in vain, and yet sees no difference.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct WaitingLoopTests {
    /// Of 5 s.
    private static let cycles = 5 * Machine.frequency
    private static let pollsPort = "for (;;) { char c; if (uart_rx_one_char(&c) == 0) ets_printf(\"%c\", c); }"
    private static let pollsRegister = "for (;;) if (REG(0x6000001c) & 0xff) ets_printf(\"%c\", REG(0x60000000));"
    private static let feeds =
        "for (;;) { REG(0x60000914) = 0x73; if (REG(0x6000001c) & 0xff) ets_printf(\"%c\", REG(0x60000000)); }"

    @Test(
        "a program that polls is passed over, and still hears its host at once",
        arguments: [pollsPort, pollsRegister, feeds], ChipTiming.allCases)
    func polls(body: String, timing: ChipTiming) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                "void start(void) { REG(0x60000904) = 9; REG(0x60000900) = 1; \(body == Self.feeds ? "" : "REG(0x60000900) = 0;") \(body) }",
                in: directory)
            var board = SimulatedBoard(image, timing: timing)
            let hasPassed = board.run(for: .seconds(5), within: Self.cycles / 10)
            #expect(hasPassed)
            board.receive(Array("x".utf8), baud: 74_880)
            board.run(for: .milliseconds(2))
            #expect(board.program == "x")
        }
    }

    @Test(
        "a program that sleeps until an interrupt takes no time, and is woken by its host",
        arguments: ChipTiming.allCases)
    func sleeps(timing: ChipTiming) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static void hear(void *x) {
                    while (REG(0x6000001c) & 0xff) ets_printf("%c", REG(0x60000000));
                    REG(0x60000010) = 0x101;
                }
                void start(void) {
                    REG(0x60000904) = 9; REG(0x60000900) = 1; REG(0x60000900) = 0;
                    ets_isr_attach(5, hear, 0);
                    REG(0x6000000c) = 1; REG(0x60000024) = 1;
                    ets_isr_unmask(1 << 5);
                    for (;;) asm volatile("waiti 0" ::: "memory");
                }
                """, in: directory)
            var board = SimulatedBoard(image, timing: timing)
            let hasPassed = board.run(for: .seconds(5), within: Self.cycles / 10)
            #expect(hasPassed)
            for letter in ["x", "y"] {
                board.receive(Array(letter.utf8), baud: 74_880)
                board.run(for: .milliseconds(2))
            }
            #expect(board.program == "xy")
        }
    }

    @Test("a program that watches the clock sees it go on without a gap")
    func clock() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                void start(void) {
                    REG(0x60000310) = 1 << 4;
                    for (u32 begin = count(), i = 1;; i++) {
                        while (count() - begin < i * 8000000u) {}
                        REG(0x60000300) = (i & 1) << 4;
                    }
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .seconds(2))
            let times = board.pins.changes.filter { $0.pin == 4 }.map(\.time)
            #expect(times.count >= 18)
            for (later, earlier) in zip(times.dropFirst(), times) {
                #expect(abs((later - earlier) / .microseconds(1) - 100_000) < 2)
            }
        }
    }

    @Test("a program that counts while it waits counts every turn")
    func counts() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                void start(void) {
                    u32 turns = 0, begin = count();
                    while (count() - begin < 1600000u) { asm volatile("nop"); turns++; }
                    ets_printf("%d\\n", turns);
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(150))
            let turns = try #require(Int(board.program.dropLast(1)))
            // A turn takes four to eight instructions.
            #expect((200_000...400_000).contains(turns))
        }
    }
}
