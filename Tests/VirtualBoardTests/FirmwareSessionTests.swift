import Foundation
import TestSupport
import Testing

/// Firmware from the compiler to its words in the monitor: `iot image`, `iot board`, `iot flash` and `iot monitor` as processes.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct FirmwareSessionTests {
    @Test(
        "what iot flash has written runs after the reset, and its crash is decoded by the monitor",
        arguments: ["fast", "real"])
    func crash(timing: String) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static void dump(struct frame *frame, int cause) {
                    u32 address;
                    asm volatile("rsr.excvaddr %0" : "=r"(address));
                    ets_printf("\\nException (%d):\\nepc1=0x%08x epc2=0x00000000 epc3=0x00000000 excvaddr=0x%08x depc=0x00000000\\n",
                        cause, frame->epc, address);
                    ets_printf("\\n>>>stack>>>\\n\\nctx: sys\\n%08x:  %08x %08x %08x %08x\\n<<<stack<<<\\n", frame,
                        frame->registers[0], 0, 0, 0);
                    for (;;) {}
                }
                void __attribute__((noinline)) crashing(u32 place) { REG(place) = 1; asm volatile(""); }
                void start(void) {
                    _xtos_set_exception_handler(3, dump);
                    ets_printf("about to crash\\n");
                    crashing(0x50000000);
                    ets_printf("never\\n");
                }
                """, in: directory)
            let file = directory.appending(path: "firmware.bin")
            try Data(image).write(to: file)
            try await RunningBoard.run(.rfc2217, in: directory, arguments: ["--timing", timing]) { board in
                let written = try await FinishedCommand.run(["flash", "write", "0", file.path, "--port", board.port])
                #expect(written.end == "exit code 0", "\(written.errors)")
                let monitor = try BuiltCommand.start([
                    "monitor", "--port", board.port, "--elf", directory.appending(path: "program.elf").path, "--baud",
                    "74880",
                    "--reset",
                ])
                let lines = monitor.lines
                var seen: [String] = []
                for await line in lines {
                    seen.append(line)
                    if line.contains("epc1 0x") { break }
                }
                await monitor.stop(within: .seconds(20))
                #expect(seen.contains { $0.hasSuffix("about to crash") })
                #expect(seen.contains { $0.contains("exception 3") }, "\(seen)")
                #expect(seen.last?.contains("crashing at ") == true, "\(seen)")
            }
        }
    }
}
