import Foundation
import TestSupport
import Testing

/// `iot board` with files that it writes to as it goes, on a disk that takes nothing.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct FullRecordTests {
    private static let program = """
        void start(void) {
            REG(0x60000310) = 1 << 4;
            for (u32 turn = 0;; turn++) {
                REG(0x60000300) = (turn & 1) << 4;
                REG(0x60000f00) = '.';
                ets_printf("turn %d\\n", turn);
                ets_delay_us(2000);
            }
        }
        """

    @Test(
        "each is told once with its reason, the board runs on, and it ends with an error",
        arguments: ["--vcd", "--uart1", "--trace"])
    func full(option: String) async throws {
        try await withTemporaryDirectory { directory in
            try Firmware.put(try await Firmware.image(Self.program, in: directory), in: directory)
            let flash = directory.appending(path: "flash.bin")
            let board = try BuiltCommand.start([
                "board", "--flash", flash.path, "--json", "--stop-with-parent", "--gdb", "0", "--tcp", "0", "--baud",
                "74880",
                option, "/dev/full",
            ])
            async let errors = board.errorLines?.reduce(into: [String]()) { $0.append($1) } ?? []
            let ready = try await board.readyLine(within: .seconds(90))
            let port = try #require(ready.split(separator: "\"").first { $0.hasPrefix("socket:") }.map(String.init))
                .replacing("\\/", with: "/")
            let monitor = try BuiltCommand.start(["monitor", "--port", port, "--baud", "74880"])
            var seen = 0
            for await line in monitor.lines where line.contains("turn ") {
                seen += 1
                if seen == 20 { break }
            }
            await monitor.stop(within: .seconds(20))
            #expect(seen == 20)
            await board.stop(within: .seconds(20))
            #expect(await board.waitForEnd() == "exit code 1")
            let said = await errors
            #expect(
                said.last
                    == "Error: /dev/full does not hold all that was to be written to it: No space left on device; "
                    + "make room, or name another file with --vcd, --uart1 or --trace")
            let told = said.filter { $0.contains("board.record-lost") }
            #expect(
                told.count == 1 && told.allSatisfy { $0.contains("/dev/full") && $0.contains("No space left") },
                "\(said)")
        }
    }
}
