import Foundation
import TestSupport
import Testing

/// A debugger at the port of `iot board --gdb`, which stops firmware that the tests compile; all of them are processes.
@Suite(
    .serialized, .timeLimit(.minutes(4)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason),
    .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct DebuggerTests {
    private static let counting = """
        volatile u32 total = 0, stride = 1;
        const u32 magic[2] = { 0x12345678, 0x9abcdef0 };
        u32 __attribute__((noinline)) step(u32 now) { return now + stride; }
        void start(void) {
            ets_printf("%08x\\n", magic[stride]);
            for (;;) {
                total = step(total);
                ets_printf("count %d\\n", total);
                ets_delay_us(4000);
            }
        }
        """

    /// Starts a board with a program in its flash, and a debugger beside it.
    ///
    /// - Returns: What the debugger has found.
    private func debug(
        _ scenario: String, _ source: String, over kind: RunningBoard.Kind = .tcp, timing: String = "real"
    ) async throws -> [String] {
        try await withTemporaryDirectory { directory in
            try Firmware.put(try await Firmware.image(source, in: directory), in: directory)
            let symbols = try await Firmware.symbols(in: directory)
            let speed = kind == .tcp ? ["--baud", "74880"] : []
            return try await RunningBoard.run(
                kind, in: directory, arguments: ["--timing", timing, "--gdb", "0"] + speed
            ) { board in
                #expect(board.debuggers.count == 1 && board.debuggers.allSatisfy { $0.hasPrefix("127.0.0.1:") })
                return try await PythonPeer.run(
                    "board_debugger.py", [scenario, board.debuggers.first ?? "none", board.port, symbols.path],
                    within: .seconds(120))
            }
        }
    }

    @Test(
        "a program stops at a function of its ELF, is looked at, stepped and changed, and goes on with the change",
        arguments: ["real", "fast"])
    func session(timing: String) async throws {
        let software = #""T05thread:01;swbreak:;""#
        let hardware = #""T05thread:01;hwbreak:;""#
        let found = try await debug("session", Self.counting, timing: timing)
        #expect(
            found == [
                #"{"what": "begin", "is": "T05thread:01;"}"#, #"{"what": "features", "is": true}"#,
                #"{"what": "set", "is": "OK"}"#, #"{"what": "stopped", "is": \#(software)}"#,
                #"{"what": "at the function", "is": true}"#, #"{"what": "registers", "is": [400, true]}"#,
                #"{"what": "argument", "is": true}"#, #"{"what": "magic", "is": "78563412f0debc9a"}"#,
                #"{"what": "step", "is": ["T05thread:01;", true]}"#, #"{"what": "write", "is": "OK"}"#,
                #"{"what": "read back", "is": 5000}"#, #"{"what": "again", "is": [\#(software), true]}"#,
                #"{"what": "counted", "is": 5000}"#, #"{"what": "cleared", "is": "OK"}"#,
                #"{"what": "said", "is": true}"#, #"{"what": "ctrl-C", "is": "T02thread:01;"}"#,
                #"{"what": "ROM", "is": "OK"}"#, #"{"what": "in the ROM", "is": [\#(hardware), true]}"#,
                #"{"what": "done", "is": [\#(software), true]}"#,
                #"{"what": "is met", "is": [\#(hardware), true]}"#,
                #"{"what": "once a call", "is": [[\#(hardware), 1], [\#(hardware), 1], [\#(hardware), 1]]}"#,
                #"{"what": "refused", "is": ["E14", "E14", ""]}"#, #"{"what": "detach", "is": "OK"}"#,
                #"{"what": "over", "is": true}"#, #"{"what": "runs on", "is": true}"#,
            ])
    }

    @Test("noise, a flood, a second debugger, a cut connection and a kill do not end a board, which runs on")
    func hostile() async throws {
        let found = try await debug("hostile", Self.counting)
        #expect(
            found == [
                #"{"what": "goes on after noise", "is": true}"#, #"{"what": "who does not read", "is": "is cut"}"#,
                #"{"what": "second", "is": ""}"#, #"{"what": "first", "is": "QC01"}"#,
                #"{"what": "breakpoint", "is": ["OK", "T05thread:01;"]}"#,
                #"{"what": "runs on when it is cut", "is": true}"#, #"{"what": "comes again", "is": "T05thread:01;"}"#,
                #"{"what": "killed", "is": true}"#, #"{"what": "a board cannot be killed", "is": true}"#,
            ])
    }

    @Test("a debugger that comes right after a flood of others is served, and whoever comes beside it is refused")
    func flood() async throws {
        let found = try await debug("flood", Self.counting)
        #expect(
            found == [
                #"{"what": "served", "is": ["QC01", "QC01", "QC01", "QC01", "QC01"]}"#,
                #"{"what": "refused", "is": 100}"#, #"{"what": "first", "is": "QC01"}"#,
            ])
    }

    @Test(
        "DTR and RTS reset a board whatever its debugger does, and a halted CPU stands before the first instruction then"
    )
    func lines() async throws {
        let source = """
            void __attribute__((noinline)) last(void) { asm volatile(""); }
            void start(void) {
                for (u32 count = 1;; count++) {
                    ets_printf("count %d\\n", count);
                    ets_delay_us(4000);
                    if (count == 2) last();
                }
            }
            """
        let stop = #""T05thread:01;""#
        let atStart = #"true, "0 cycles\n""#
        let found = try await debug("lines", source, over: .rfc2217)
        #expect(
            found == [
                #"{"what": "halted", "is": [\#(atStart)]}"#, #"{"what": "met", "is": [\#(stop), true]}"#,
                #"{"what": "at the breakpoint", "is": [\#(atStart), true]}"#,
                #"{"what": "met again", "is": [\#(stop), true]}"#, #"{"what": "running", "is": true}"#,
                #"{"what": "halts", "is": "T02thread:01;"}"#, #"{"what": "loader", "is": true}"#,
                #"{"what": "halts in the loader", "is": "T02thread:01;"}"#,
                #"{"what": "loader beside a halted CPU", "is": true}"#,
                #"{"what": "comes back halted", "is": [\#(atStart)]}"#, #"{"what": "detach", "is": "OK"}"#,
                #"{"what": "runs on", "is": true}"#,
            ])
    }

    @Test("registers are read without an effect, or not at all, and written to as by a program")
    func peripherals() async throws {
        let source = """
            volatile u32 listens = 0;
            void start(void) {
                Cache_Read_Enable(0, 0, 0);
                ets_printf("ready\\n");
                for (;;) {
                    char heard;
                    if (listens && uart_rx_one_char(&heard) == 0) uart_tx_one_char(heard);
                }
            }
            """
        let found = try await debug("peripherals", source)
        #expect(
            found == [
                #"{"what": "FIFO", "is": ["E14", "E14", "E14"]}"#, #"{"what": "still there", "is": 3}"#,
                #"{"what": "divider", "is": 694}"#, #"{"what": "eFuses", "is": "0000005634120002"}"#,
                #"{"what": "flash", "is": ["e9", "E14", "e9"]}"#,
                #"{"what": "others", "is": ["0000", "E14", "E14"]}"#, #"{"what": "pins", "is": ["OK", 32]}"#,
                #"{"what": "listens", "is": "OK"}"#, #"{"what": "nothing was taken", "is": "abc"}"#,
                #"{"what": "a store has its effect", "is": "!"}"#,
            ])
    }

    @Test("breakpoints outlive resets of all kinds, and a halted board has no time in which a watchdog could bite")
    func resets() async throws {
        let source = """
            volatile u32 hangs = 0, dies = 0;
            void __attribute__((noinline)) last(void) { asm volatile(""); }
            void start(void) {
                REG(0x60000904) = 6;
                REG(0x60000908) = 6;
                REG(0x60000900) = 1;
                for (u32 count = 1; count < 4; count++) {
                    REG(0x60000914) = 0x73;
                    ets_printf("count %d\\n", count);
                    ets_delay_us(4000);
                }
                if (dies) rom_missing();
                last();
                while (hangs) {}
                software_reset();
            }
            """
        let stop = #""T05thread:01;""#
        let found = try await debug("resets", source)
        #expect(
            found == [
                #"{"what": "before", "is": [\#(stop), true]}"#, #"{"what": "halted", "is": true}"#,
                #"{"what": "after its own reset", "is": [\#(stop), true]}"#, #"{"what": "cause", "is": ["3"]}"#,
                #"{"what": "reset", "is": "reset\n"}"#, #"{"what": "at the entry", "is": [true, "0 cycles\n"]}"#,
                #"{"what": "help", "is": true}"#, #"{"what": "once more", "is": [\#(stop), true, ["2"]]}"#,
                #"{"what": "bitten", "is": [\#(stop), true, ["4"]]}"#,
                #"{"what": "a program that cannot go on", "is": ["T04thread:01;", "T04thread:01;", "T04thread:01;"]}"#,
            ])
    }
}
