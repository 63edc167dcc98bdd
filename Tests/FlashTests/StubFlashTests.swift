import Foundation
import TestSupport
import Testing

/// `iot flash` with our stub, which the board's CPU executes.
@Suite(.timeLimit(.minutes(5)))
struct StubFlashTests {
    private let before = noise(4 << 20, seed: 9)
    /// As firmware is: what can be packed, what cannot, and what is blank.
    private let image =
        noise(30_000, seed: 1) + (0..<20_000).map { UInt8($0 % 97) } + [UInt8](repeating: 0xFF, count: 20_000)
        + noise(7000, seed: 2)

    /// Runs commands against a board whose flash is noise; `body` gets a function that runs one with its port.
    private func run(
        _ kind: RunningBoard.Kind = .pseudoTerminal, _ arguments: [String] = [],
        _ body: (RunningBoard, URL, ([String]) async throws -> FinishedCommand) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try Data(before).write(to: directory.appending(path: "flash.bin"))
            try Data(image).write(to: directory.appending(path: "image.bin"))
            try await RunningBoard.run(kind, in: directory, arguments: ["--timing", "fast"] + arguments) { board in
                try await body(board, directory) { words in
                    try await FinishedCommand.run(["flash"] + words + ["--port", board.port], within: .seconds(200))
                }
            }
        }
    }

    private var expected: [UInt8] {
        image + [UInt8](repeating: 0xFF, count: 77_824 - image.count) + before[0x1000 + 77_824..<0x20000]
    }

    /// Bytes to the board, as its trace has them.
    private func bytesSent(_ command: FinishedCommand) -> Int {
        command.errors.compactMap { $0.firstMatch(of: /<- (\d+) bytes/) }.reduce(0) { $0 + (Int($1.1) ?? 0) }
    }

    @Test(
        "what is written is in the flash, and nothing beside it is touched", arguments: RunningBoard.Kind.allCases,
        ["80", "52"])
    func write(kind: RunningBoard.Kind, clock: String) async throws {
        try await run(kind, ["--start-clock", clock]) { (board, directory, flash) in
            let image = directory.appending(path: "image.bin").path
            let written = try await flash(["write", "0x1000", image])
            #expect(written.end == "exit code 0", "\(written.errors)")
            #expect(try board.flash(0x1000, 0x1F000) == expected)
            let verified = try await flash(["verify", "0x1000", image])
            #expect(verified.end == "exit code 0", "\(verified.errors)")
        }
    }

    @Test(
        "SB-001, SB-006, SB-007: a second write finds the stub, and sends only what differs, unless all is asked for")
    func delta() async throws {
        try await run { (board, directory, flash) in
            let path = directory.appending(path: "image.bin")
            let arguments = ["write", "--after", "no-reset", "--trace", "0x1000", path.path]
            #expect(try await flash(arguments).end == "exit code 0")
            var changed = image
            changed[9000] ^= 1
            try Data(changed).write(to: path)
            let second = try await flash(arguments)
            #expect(second.end == "exit code 0", "\(second.errors)")
            #expect((4096..<6000).contains(bytesSent(second)), "\(bytesSent(second))")
            #expect(try board.flash(0x1000, image.count) == changed)
            let full = try await flash(arguments + ["--full"])
            #expect(full.end == "exit code 0", "\(full.errors)")
            #expect(bytesSent(full) > 36_000)
            #expect(try board.flash(0x1000, image.count) == changed)
        }
    }

    @Test(
        "SB-004, SB-005, SB-010, SB-012: erasing, reading, registers and status are as through the ROM's loader")
    func breadth() async throws {
        try await run { (board, directory, flash) in
            let erased = try await flash(["erase-region", "0xf000", "0x12000"])
            #expect(erased.end == "exit code 0", "\(erased.errors)")
            let around = before[0xE000..<0xF000] + [UInt8](repeating: 0xFF, count: 0x12000) + before[0x21000..<0x22000]
            #expect(try board.flash(0xE000, 0x14000) == Array(around))
            let back = directory.appending(path: "back.bin")
            let read = try await flash(["read", "0x2101", "20001", back.path])
            #expect(read.end == "exit code 0", "\(read.errors)")
            #expect(Array(try Data(contentsOf: back)) == Array(try board.flash(0x2101, 20_001)))
            for loader in [[], ["--no-stub"]] {
                #expect(try await flash(["reg", "read", "0x3ff00050"] + loader).output == ["0x56000000"])
                #expect(try await flash(["status", "write", "0x0200"] + loader).end == "exit code 0")
                #expect(try await flash(["status", "read"] + loader).output == ["0x0200"])
            }
            #expect(try await flash(["erase"]).end == "exit code 0")
            #expect(try board.flash(0, 4 << 20).allSatisfy { $0 == 0xFF })
        }
    }

    @Test(
        "a sector that stays as it is is not said to be erased",
        arguments: [["erase"], ["erase-region", "0x10000", "0x1000"]])
    func badSector(command: [String]) async throws {
        try await run(.pseudoTerminal, ["--fault", "bad-sector:16"]) { (board, _, flash) in
            let erased = try await flash(command)
            #expect(erased.end == "exit code 5")
            #expect(erased.errors.last?.contains("the flash differs from 0x10000 on") == true, "\(erased.errors)")
        }
    }

    @Test("a sector that takes nothing is named as it is written; one that shall be blank, by the digest of all")
    func badSectorWritten() async throws {
        for (sector, end, said) in [(3, "exit code 5", "write 0x3000"), (16, "exit code 4", "differs from 0x10000 on")]
        {
            try await run(.pseudoTerminal, ["--fault", "bad-sector:\(sector)"]) { (_, directory, flash) in
                let written = try await flash(["write", "0x1000", directory.appending(path: "image.bin").path])
                #expect(written.end == end)
                #expect(written.errors.last?.contains(said) == true, "\(written.errors)")
            }
        }
    }

    @Test("Ctrl-C ends what the stub erases")
    func stopped() async throws {
        try await withTemporaryDirectory { directory in
            try Data(before).write(to: directory.appending(path: "flash.bin"))
            try await RunningBoard.run(in: directory, arguments: ["--timing", "real"]) { board in
                let erasing = try BuiltCommand.start(
                    ["flash", "erase-region", "--port", board.port, "0x1000", "\(before.count - 0x1000)"])
                async let finished = FinishedCommand.run(erasing)
                try await eventually("the erase", within: .seconds(60)) { () -> Bool in
                    try board.flash(0x1000, 2) == [0xFF, 0xFF]
                }
                kill(erasing.processIdentifier, SIGINT)
                let end = await finished.end
                // On a machine that is too busy to stop it in ten seconds there is nothing left to be stopped.
                guard end != "exit code 0" else { return }
                #expect(end == "exit code 130")
                // The stub that was ended answers, and has left the rest as it was.
                let stub = try await FinishedCommand.run(
                    ["flash", "id", "--before", "no-reset", "--port", board.port], within: .seconds(60))
                #expect(stub.end == "exit code 0", "\(stub.errors)")
                #expect(try board.flash(0x3F0000, 0x10000) == Array(before[0x3F0000...]))
            }
        }
    }

    @Test(
        "SB-013: a flash that still erases when it is met is waited for, and not taken for one that is not there",
        .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
    func stillErasing() async throws {
        try await withTemporaryDirectory { directory in
            try Data(before).write(to: directory.appending(path: "flash.bin"))
            // This one takes 15 s. On a machine that is slower than that it is begun once more.
            let arguments = ["--timing", "real", "--model", "d1-mini"]
            try await RunningBoard.run(.rfc2217, in: directory, arguments: arguments) { board in
                var met: FinishedCommand?
                for _ in 0..<4 where met?.errors.isEmpty != false {
                    #expect(
                        try await PythonPeer.run("esptool_erase_begun.py", [board.port]) == [
                            #"{"what": "busy", "is": true}"#
                        ])
                    met = try await FinishedCommand.run(
                        ["flash", "id", "--port", board.port], within: .seconds(100))
                    #expect(met?.end == "exit code 0", "\(met?.errors.suffix(3) ?? [])")
                }
                #expect(
                    met?.errors.first
                        == "the flash is still at work on an erase that was cut off: waiting for it")
            }
        }
    }

    @Test(
        "a flash that is smaller than its id says is not said to be verified, whatever is written",
        arguments: [["0x0", "0x110000"], ["0x3e0000"]])
    func smallFlash(places: [String]) async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "image.bin")
            try Data(noise(70_000, seed: 3)).write(to: file)
            try await RunningBoard.run(
                in: directory, arguments: ["--timing", "fast", "--fault", "small-flash:1048576"]
            ) { board in
                let words = ["flash", "write", "--port", board.port] + places.flatMap { [$0, file.path] }
                let written = try await FinishedCommand.run(words, within: .seconds(100))
                #expect(written.end == "exit code 5")
                #expect(
                    written.errors.last?.contains("the flash is smaller than the 4 MB that its id says") == true,
                    "\(written.errors)")
            }
        }
    }

    @Test("where nothing executes the stub, the ROM's loader does the work, and it is said")
    func fallback() async throws {
        try await run(.rfc2217, ["--no-cpu"]) { (board, directory, flash) in
            let written = try await flash(["write", "0x1000", directory.appending(path: "image.bin").path])
            #expect(written.end == "exit code 0", "\(written.errors)")
            #expect(written.errors.contains { $0.contains("going on with the ROM's loader") }, "\(written.errors)")
            #expect(try board.flash(0x1000, 0x1F000) == expected)
        }
    }

    @Test(
        "SB-008, SB-011: whatever happens on the line, success means that the flash is right",
        arguments: [
            "flip:0.0001", "drop:0.0001", "repeat:0.0001", "flip:0.001", "brown-out:15000", "silent:15000:2",
        ], [1, 2])
    func faults(fault: String, seed: Int) async throws {
        try await run(.rfc2217, ["--fault", fault, "--fault-seed", "\(seed)"]) { (board, directory, flash) in
            let written = try await flash(["write", "0x1000", directory.appending(path: "image.bin").path])
            let isRight = try board.flash(0x1000, 0x1F000) == expected
            if written.end == "exit code 0" {
                #expect(isRight)
            } else {
                #expect(fault == "flip:0.001", "\(written.errors)")
                #expect(written.errors.last?.hasPrefix("Error: \(board.port): ") == true)
            }
        }
    }

    @Test(
        "a line that is too fast for its cable is slowed down once, which is said, and all is written",
        arguments: ["0.001", "0.0003"])
    func slowedDown(share: String) async throws {
        try await run(.rfc2217, ["--fault", "flip:\(share):115200"]) { (board, directory, flash) in
            let written = try await flash(
                ["write", "--baud", "230400", "0x1000", directory.appending(path: "image.bin").path])
            #expect(written.end == "exit code 0", "\(written.errors)")
            let notes = written.errors.filter { $0.contains("much is lost") }
            #expect(notes == ["much is lost on the line at 230400 baud: going on with 115200"])
            #expect(try board.flash(0x1000, 0x1F000) == expected)
        }
    }

    @Test("what the ROM's loader may not take up the stub does", arguments: ["1500000", "2000000"])
    func fast(baud: String) async throws {
        try await run(.rfc2217) { (board, directory, flash) in
            let image = directory.appending(path: "image.bin").path
            let written = try await flash(["write", "--baud", baud, "--trace", "0x1000", image])
            #expect(written.end == "exit code 0", "\(written.errors)")
            // A machine that is busy may look like a lossy line; it takes the speed all the same.
            #expect(!written.errors.contains { $0.contains("nothing is heard") }, "\(written.errors)")
            #expect(try board.flash(0x1000, 0x1F000) == expected)
        }
    }

    @Test("a port that vanishes in mid-write: what is said to be written is")
    func vanished() async throws {
        try await run(.pseudoTerminal, ["--fault", "vanish:30000"]) { (board, directory, flash) in
            let written = try await flash(["write", "0x1000", directory.appending(path: "image.bin").path])
            #expect(written.end == "exit code 5", "\(written.errors)")
            let said = try #require(written.errors.last?.firstMatch(of: /is written up to 0x([0-9a-f]+), and erased/))
            let end = try #require(Int(said.1, radix: 16))
            #expect(try board.flash(0x1000, end - 0x1000) == Array(image[..<(end - 0x1000)]))
        }
    }
}
