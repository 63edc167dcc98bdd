import ESPLoader
import Foundation
import TestSupport
import Testing

/// Our stub under unmodified esptool's stub class, an independent host: it does all that esptool's own stub does.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct StubProtocolTests {
    private struct Description: Encodable {
        var address: UInt32
        var entry: UInt32
        var greeting: String
        var code: Data
    }

    /// Runs a script against a board whose flash is noise.
    ///
    /// - Returns: Its findings, and what the board has said on stderr.
    private func findings(
        _ script: String, _ arguments: [String], board: [String], within limit: Duration = .seconds(120)
    ) async throws -> [String] {
        try await withTemporaryDirectory { directory in
            let flash = directory.appending(path: "flash.bin")
            try Data(noise(4 << 20, seed: 9)).write(to: flash)
            let stub = try describe(in: directory)
            return try await RunningBoard.run(in: directory, arguments: board) { board in
                try await PythonPeer.run(script, [board.port, flash.path, stub] + arguments, within: limit)
            }
        }
    }

    private func describe(in directory: URL) throws -> String {
        let (program, file) = (StubProgram.current, directory.appending(path: "stub.json"))
        let description = Description(
            address: program.segment.address, entry: program.entry,
            greeting: String(decoding: StubProgram.greeting, as: UTF8.self), code: Data(program.segment.data))
        try JSONEncoder().encode(description).write(to: file)
        return file.path
    }

    private func lines(_ found: [(what: String, is: String)]) -> [String] {
        found.map { #"{"what": "\#($0.what)", "is": \#($0.is)}"# }
    }

    private static let first = [
        ("chip", #"["0xfff0c101", "18:fe:34:12:34:56", 26]"#), ("flash", #""0x1640ef""#),
        ("registers", #"["0xff34f6ff", "0xcafe", true]"#), ("status", #""0x200""#),
    ]
    private static let last = [
        ("a program in memory", #"["RAN", "0x12345678", true]"#),
        ("FLASH_END without a restart", #"[true, "0xfff0c101"]"#), ("SYNC again", "true"),
        ("soft reset to the loader", "true"), ("user code", "true"), ("loaded again", #""0x1640ef""#),
    ]

    @Test("every command does what it does with esptool's own stub, at every speed")
    func commands() async throws {
        let plain = ["0x1000", "0x9004", "0xc000", "0x10f3", "0x20000"]
        let packed = ["0x30000", "0x60000", "0x80000", "0x90104", "0xa0007", "0xb0000", "0xbff00", "0x3fd000"]
        let reads = [
            "1 at 0x0", "5 at 0x3", "4095 at 0x1001", "4099 at 0xffe", "32769 at 0x10000", "100 at 0x3fff9c",
            "0 at 0x400000",
        ]
        var expected =
            Self.first + plain.map { ("plain at \($0)", "true") } + packed.map { ("packed at \($0)", "true") }
        expected += reads.map { ("read \($0)", "[true, true]") }
        for baud in [230_400, 460_800, 921_600, 1_500_000, 2_000_000] {
            expected += [("written at \(baud) baud", "true"), ("read at \(baud) baud", "true")]
        }
        expected += [
            ("0x3000 erased at 0x60000", "true"), ("0x12000 erased at 0x2f000", "true"), ("all erased", "true"),
        ]
        let commands = [
            "write-flash", "write-flash with the sectors that differ", "verify-flash", "read-flash", "erase-region",
            "dump-mem",
        ]
        expected += commands.map { ($0, "true") }
        expected += [("write-mem", #""0x55aaf6ff""#), ("load-ram", #"["RAN", "0x12345678"]"#)]
        let found = try await findings("esptool_our_stub.py", ["fast"], board: ["--timing", "fast"])
        #expect(found == lines(expected + Self.last))
    }

    @Test("with real timing they do so too")
    func realTiming() async throws {
        var expected = Self.first + ["plain at 0x9004", "packed at 0x30000", "packed at 0x60000"].map { ($0, "true") }
        expected += ["1 at 0x0", "5 at 0x3", "4095 at 0x1001", "4099 at 0xffe"].map { ("read \($0)", "[true, true]") }
        expected += [
            ("written at 921600 baud", "true"), ("read at 921600 baud", "true"), ("0x3000 erased at 0x60000", "true"),
            ("0x12000 erased at 0x2f000", "true"),
        ]
        let found = try await findings(
            "esptool_our_stub.py", ["real"], board: ["--timing", "real"], within: .seconds(200))
        #expect(found == lines(expected + Self.last))
    }

    @Test("what is wrong is refused, nothing is acknowledged that is not so, and the next command works")
    func errors() async throws {
        let found = try await findings(
            "esptool_our_stub_errors.py", ["256"], board: ["--timing", "fast", "--fault", "bad-sector:256"])
        #expect(found == lines(Self.blocks + Self.places + Self.unwritable))
    }

    @Test(
        "SB-005: a batch of accesses ends at the first that fails: what was read before is told, nothing behind it is done",
        arguments: ["fast", "real"])
    func accesses(timing: String) async throws {
        try await withTemporaryDirectory { directory in
            let stub = try describe(in: directory)
            let found = try await RunningBoard.run(in: directory, arguments: ["--timing", timing]) { board in
                try await PythonPeer.run("esptool_our_stub_access.py", [board.port, stub], within: .seconds(120))
            }
            #expect(found == lines(Self.accesses))
        }
    }

    @Test("whatever comes, the stub goes on, and the flash stays as it was", arguments: [1, 2, 3])
    func hostile(seed: Int) async throws {
        let found = try await findings(
            "esptool_our_stub_noise.py", ["\(seed)", "2000"], board: ["--timing", "fast"], within: .seconds(200))
        #expect(
            found
                == lines([
                    ("well after 2000 frames", "[]"), ("well after noise", "true"), ("the flash is as it was", "true"),
                    ("commands do what they did", "true"), ("and tell what they told", "true"),
                ]))
    }

    @Test("one host after the other meets the board, at whatever speed the stub was left")
    func successors() async throws {
        try await withTemporaryDirectory { directory in
            let flash = directory.appending(path: "flash.bin")
            try Data(noise(4 << 20, seed: 9)).write(to: flash)
            let stub = try describe(in: directory)
            var expected = noise(4 << 20, seed: 9)
            try await RunningBoard.run(in: directory) { board in
                for (index, host) in Host.allCases.enumerated() {
                    let image = directory.appending(path: "\(host).bin")
                    let bytes = noise(9000, seed: UInt64(20 + index))
                    let address = 0x10000 * (index + 1)
                    try Data(bytes).write(to: image)
                    expected.replaceSubrange(address..<address + 0x3000, with: repeatElement(0xFF, count: 0x3000))
                    expected.replaceSubrange(address..<address + bytes.count, with: bytes)
                    try await host.write(image.path, at: address, port: board.port, flash: flash.path, stub: stub)
                    #expect(try board.flash(0, 4 << 20) == expected, "\(host)")
                }
            }
        }
    }

    /// Each leaves a stub at a speed of its own.
    private enum Host: CaseIterable {
        case iotFast, iot, esptoolFast, iotAgain, ours, esptool, oursAgain, iotLast

        func write(_ image: String, at address: Int, port: String, flash: String, stub: String) async throws {
            let place = "0x" + String(address, radix: 16)
            let iot = ["flash", "write", "--full", "--after", "no-reset", "--port", port]
            switch self {
            case .iotFast, .iot, .iotAgain, .iotLast:
                let speed = self == .iotFast ? ["--baud", "921600"] : []
                let ended = try await FinishedCommand.run(iot + speed + [place, image])
                #expect(ended.end == "exit code 0", "\(self): \(ended.errors)")
            case .esptoolFast, .esptool:
                let speed = self == .esptoolFast ? "460800" : "115200"
                let said = try await PythonPeer.run(
                    "esptool_run.py",
                    ["--port", port, "--baud", speed, "--after", "no-reset-stub", "write-flash", place, image],
                    within: .seconds(120))
                #expect(said.last?.contains(#""code": 0"#) == true, "\(self): \(said)")
            case .ours, .oursAgain:
                let said = try await PythonPeer.run(
                    "esptool_our_stub_visit.py", [port, stub, place, image, self == .ours ? "1500000" : "230400"])
                #expect(said == [#"{"what": "written", "is": true}"#], "\(self)")
            }
        }
    }
}
