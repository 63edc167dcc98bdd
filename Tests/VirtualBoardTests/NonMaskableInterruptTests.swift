import TestSupport
import Testing

@testable import VirtualBoard

/// What a program makes of the line that comes as an NMI.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct NonMaskableInterruptTests {
    /// Vectors of the program's own, whose NMI counts in `nmis` and then does what `quiet` says.
    private func vectors(_ quiet: String) -> String {
        """
        u32 nmis, saved[2];
        asm(".section .vectors,\\"ax\\"\\n .align 256\\n .global vectors\\n"
            "vectors: .org 0x20\\n wsr.excsave3 a0\\n j nmi\\n"
            ".org 0x30\\n j kernel\\n .org 0x50\\n j user\\n .org 0x80\\n .literal_position\\n"
            "kernel: movi a0, 0x40000030\\n jx a0\\n"
            "user: wsr.excsave1 a0\\n movi a0, 0x40000050\\n jx a0\\n"
            "nmi: movi a0, saved\\n s32i a2, a0, 0\\n s32i a3, a0, 4\\n"
            "movi a2, nmis\\n l32i a3, a2, 0\\n addi a3, a3, 1\\n s32i a3, a2, 0\\n"
            "\(quiet)"
            "movi a0, saved\\n l32i a2, a0, 0\\n l32i a3, a0, 4\\n rsr.excsave3 a0\\n rfi 3\\n"
            ".text\\n");
        extern char vectors[];
        static void takeVectors(void) { asm volatile("wsr.vecbase %0" : : "r"(vectors)); }

        """
    }

    @Test("FRC1 as the NMI interrupts what lets nothing in, while all others wait")
    func timer() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                vectors("movi a2, 0x6000060c\\n movi a3, 0\\n s32i a3, a2, 0\\n") + """
                    static volatile u32 alarms, ticks;
                    static void alarm(void *unused) { alarms++; REG(0x6000062c) = 0; }
                    static void tick(void *unused) { ticks++; }
                    void start(void) {
                        takeVectors();
                        ets_isr_attach(9, tick, 0);
                        ets_isr_attach(10, alarm, 0);
                        REG(0x3ff00000) = 9;
                        REG(0x3ff00004) = 6;
                        ets_isr_unmask(1 << 9 | 1 << 10);
                        u32 level;
                        asm volatile("rsil %0, 2" : "=r"(level));
                        REG(0x60000620) = 0;
                        REG(0x60000630) = 1000;
                        REG(0x60000628) = 1 << 7;
                        REG(0x60000600) = 8000;
                        REG(0x60000608) = 1 << 7 | 1 << 6;
                        for (u32 begin = count(); count() - begin < 84000;) {}
                        REG(0x60000608) = 0;
                        u32 early = alarms, seen = *(volatile u32 *)&nmis;
                        asm volatile("wsr.ps %0\\n rsync" : : "r"(level));
                        ets_delay_us(1);
                        ets_printf("%d NMIs, %d ticks, alarms %d then %d\\n", seen, ticks, early, alarms);
                        for (;;) {}
                    }
                    """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(150))
            #expect(board.program == "10 NMIs, 0 ticks, alarms 0 then 1\r\n")
            #expect(board.halts == [])
        }
    }

    @Test("the watchdog's warning comes as the NMI, and one that feeds it there is never reset")
    func watchdog() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                vectors("movi a2, 0x60000914\\n movi a3, 0x73\\n s32i a3, a2, 0\\n") + """
                    void start(void) {
                        takeVectors();
                        ets_printf("start %d\\n", ++REG(0x60001200));
                        REG(0x3ff00000) = 8;
                        REG(0x3ff00004) = 1;
                        REG(0x60000904) = 4;
                        REG(0x60000908) = 4;
                        REG(0x60000900) = 1;
                        while (*(volatile u32 *)&nmis < 20) {}
                        ets_printf("%d warnings\\n", nmis);
                        REG(0x3ff00000) = 0;
                        for (;;) {}
                    }
                    """, in: directory)
            var board = SimulatedBoard(image)
            // 20 warnings of 12.8 ms each; then nobody feeds it any more.
            board.run(for: .milliseconds(400))
            let starts = board.text.split(separator: "ets Jan", omittingEmptySubsequences: false)
            #expect(starts.count == 3, "\(board.text)")
            #expect(starts[1].hasSuffix("start 1\r\n20 warnings\r\n\r\n "))
            #expect(starts[2].contains("rst cause:4") && starts[2].contains("start 2\r\n"))
        }
    }

    @Test("an NMI for which a program has no vector is over at once")
    func unhandled() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                void start(void) {
                    REG(0x3ff00000) = 9;
                    REG(0x3ff00004) = 2;
                    REG(0x60000600) = 8000;
                    REG(0x60000608) = 1 << 7 | 1 << 6;
                    for (int i = 0; i < 10; i++) { ets_delay_us(150); REG(0x6000060c) = 0; }
                    ets_printf("went on\\n");
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(60))
            #expect(board.program == "went on\r\n")
        }
    }
}
