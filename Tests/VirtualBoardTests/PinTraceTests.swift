import Foundation
import TestSupport
import Testing

@testable import VirtualBoard

/// `iot board --vcd` as a process; its file is read by a reader that was written from the standard.
@Suite(
    .timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason),
    .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct PinTraceTests {
    private struct Dump: Decodable {
        struct Change: Decodable, Equatable {
            var time: Int
            var name: String
            var level: Int

            init(_ time: Int, _ name: String, _ level: Int) { (self.time, self.name, self.level) = (time, name, level) }

            init(from decoder: any Decoder) throws {
                var fields = try decoder.unkeyedContainer()
                self.init(try fields.decode(Int.self), try fields.decode(String.self), try fields.decode(Int.self))
            }
        }
        var scale: Int
        var scope: [String]
        var wires: Int
        var high: [String]
        var changes: [Change]
    }

    @Test("the trace of the pins is a value change dump with each change at its time", arguments: ChipTiming.allCases)
    func trace(timing: ChipTiming) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                void start(void) {
                    REG(0x60000310) = 1 << 2 | 1 << 12;
                    REG(0x60000774) = 1;
                    u32 begin = count();
                    for (u32 i = 1; i <= 6; i++) {
                        while (count() - begin < i * 80000) {}
                        if (i & 1) { REG(0x60000304) = 1 << 12; REG(0x60000768) = 1; }
                        else { REG(0x60000308) = 1 << 12; REG(0x60000768) = 0; }
                    }
                    REG(0x60000304) = 1 << 2;
                    ets_printf("done\\n");
                    for (;;) {}
                }
                """, in: directory)
            let blank = [UInt8](repeating: 0xFF, count: (4 << 20) - image.count)
            try Data(image + blank).write(to: directory.appending(path: "flash.bin"))
            let file = directory.appending(path: "pins.vcd")
            try await RunningBoard.run(
                .pseudoTerminal, in: directory,
                arguments: ["--timing", "\(timing)", "--vcd", file.path, "--pin", "5=1", "--pin", "0=1"]
            ) { _ in
                // GPIO2 is back to high once all is done.
                try await eventually("GPIO2 is high again", within: .seconds(60)) {
                    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                    return text.split(separator: "\n").last == "1#"
                }
            }
            let lines = try await PythonPeer.run("vcd_reader.py", [file.path])
            let dump = try JSONDecoder().decode(Dump.self, from: Data((lines.first ?? "").utf8))
            #expect(dump.scale == 1 && dump.scope == ["esp8266"] && dump.wires == 17)
            #expect(dump.high == ["GPIO0", "GPIO1", "GPIO2", "GPIO3", "GPIO5"])
            // GPIO2 goes low with its driver, then the two blink together.
            var names = ["GPIO2"]
            for _ in 0..<6 { names += ["GPIO12", "GPIO16"] }
            #expect(dump.changes.map(\.name) == names + ["GPIO2"])
            #expect(dump.changes.map(\.level) == [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1])
            let blinks = dump.changes.filter { $0.name == "GPIO12" }.map(\.time)
            for (later, earlier) in zip(blinks.dropFirst(), blinks) {
                #expect(abs(later - earlier - 1_000_000) < 2_000)
            }
        }
    }
}
