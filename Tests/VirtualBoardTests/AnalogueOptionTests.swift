import TestSupport
import Testing

/// `iot board --adc` from the command line to what a program prints.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct AnalogueOptionTests {
    private static let program = """
        void start(void) {
            for (;;) {
                REG(0x60000d50) &= ~2;
                REG(0x60000d50) |= 2;
                while (REG(0x60000d50) >> 24 & 7) {}
                int sum = 0;
                for (int i = 0; i < 8; i++) {
                    int raw = ~REG(0x60000d80 + 4 * i), low = (raw & 0xff) - 21;
                    sum += (raw & 0x700) + (low > 0 ? low * 279 >> 8 : 0);
                }
                ets_printf("level %d.\\n", (sum + 8) >> 4);
                ets_delay_us(5000);
            }
        }
        """

    @Test("a program reads the level that the command line gives", arguments: ["0", "512", "1023"])
    func level(_ level: String) async throws {
        try await withTemporaryDirectory { directory in
            try Firmware.put(try await Firmware.image(Self.program, in: directory), in: directory)
            try await RunningBoard.run(.tcp, in: directory, arguments: ["--baud", "74880", "--adc", level]) { board in
                let monitor = try BuiltCommand.start(["monitor", "--port", board.port, "--baud", "74880"])
                var seen: [Substring] = []
                for await line in monitor.lines {
                    // The first one may be cut off.
                    if let place = line.range(of: "level "), line.hasSuffix(".") {
                        seen.append(line[place.upperBound...].dropLast())
                    }
                    if seen.count == 3 { break }
                }
                await monitor.stop(within: .seconds(20))
                #expect(seen == [Substring(level), Substring(level), Substring(level)])
            }
        }
    }

    @Test("another level is refused before anything starts", arguments: ["1024", "-1"])
    func refused(_ level: String) async throws {
        let command = try await FinishedCommand.run(["board", "--adc=\(level)"], within: .seconds(60))
        #expect(command.end == "exit code 64")
        #expect(command.errors.first == "Error: --adc takes 0 to 1023")
    }
}
