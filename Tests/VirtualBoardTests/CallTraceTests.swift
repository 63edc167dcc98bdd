import Foundation
import TestSupport
import Testing

@testable import VirtualBoard

/// The trace of a program's calls that `iot board --trace` writes.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct CallTraceTests {
    private static let source = """
        volatile u32 sum = 0;
        u32 __attribute__((noinline)) twice(u32 number) { return number + sum; }
        u32 __attribute__((noinline)) four(u32 number) {
            u32 first = twice(number);
            return twice(first) + 1;
        }
        void start(void) {
            sum = four(1);
            ets_delay_us(100);
            rom_missing();
        }
        """

    /// What happened, and in which function the program was then.
    private func step(_ line: String) -> String {
        let sides = line.split(separator: " -> ")
        let what = sides[0].split(separator: ": ").last?.split(separator: " ").first { Int($0) == nil } ?? ""
        let name = sides.last?.split(separator: " ").last?.split(separator: "+").first ?? ""
        return "\(what) \(name)"
    }

    @Test(
        "calls, returns and routines of the ROM are lines with their symbols and cycles, in the order in which they come"
    )
    func process() async throws {
        try await withTemporaryDirectory { directory in
            try Firmware.put(try await Firmware.image(Self.source, in: directory), in: directory)
            let file = directory.appending(path: "calls.txt")
            let elf = directory.appending(path: "program.elf").path
            let lines = try await RunningBoard.run(
                .tcp, in: directory,
                arguments: ["--timing", "fast", "--trace", file.path, "--symbols", elf]
            ) { _ in
                try await eventually("the call of cmd_parse is in the trace") {
                    let text = try String(contentsOf: file, encoding: .utf8)
                    return text.contains("cmd_parse") ? text.split(separator: "\n").map(String.init) : nil
                }
            }
            #expect(
                lines.map(step) == [
                    "started start", "call0 four", "call0 twice", "ret.n four", "call0 twice", "ret.n four",
                    "ret.n start",
                    "callx0 ets_delay_us", "ROM start", "callx0 cmd_parse",
                ])
            let cycles = lines.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
            #expect(cycles.count == lines.count && cycles == cycles.sorted() && cycles.first == 0)
            #expect((8_000...8_100).contains(cycles[8] - cycles[7]), "100 us")
            #expect(lines[0].hasPrefix("0 started -> 0x401000"), "\(lines[0])")
        }
    }

    @Test("a trace ends at its limit, says so, and the program runs on at its full speed")
    func limit() async throws {
        let image = try await withTemporaryDirectory { directory in
            try await Firmware.image(
                """
                void __attribute__((noinline)) nothing(void) { asm volatile(""); }
                void start(void) {
                    for (u32 turn = 0; turn < 100000; turn++) nothing();
                    ets_printf("done\\n");
                    for (;;) {}
                }
                """, in: directory)
        }
        let written = Written()
        var board = SimulatedBoard(image, timing: .fast)
        board.trace(CallTrace(symbols: [], limit: 10_000) { written.text += String(decoding: $0, as: UTF8.self) })
        board.restart()
        board.run(for: .seconds(1))
        #expect(board.program == "done\r\n")
        #expect((10_000..<10_200).contains(written.text.utf8.count))
        #expect(written.text.hasSuffix("\nthe trace ends here: it has reached its limit\n"))
    }

    private final class Written {
        var text = ""
    }
}
