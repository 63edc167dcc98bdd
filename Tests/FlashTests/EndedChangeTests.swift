import Foundation
import TestSupport
import Testing

/// Commands that change the flash and are ended in the middle: what they say of the flash is what it is.
@Suite(.timeLimit(.minutes(5))) struct EndedChangeTests {
    private let before = noise(4 << 20, seed: 9)
    private let gone = "What happened: the port is gone; was the board or its cable pulled out?"

    /// Runs a command against a new board whose flash is noise.
    private func run(
        _ command: [String], fault: String? = nil,
        _ look: (FinishedCommand, RunningBoard) throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try Data(before).write(to: directory.appending(path: "flash.bin"))
            let arguments = ["--timing", "fast"] + (fault.map { ["--fault", $0] } ?? [])
            try await RunningBoard.run(in: directory, arguments: arguments) { board in
                let finished = try await FinishedCommand.run(["flash"] + command + ["--port", board.port])
                try look(finished, board)
            }
        }
    }

    /// How many bytes go to the board when nothing is in the way.
    private func bytesSent(_ command: [String]) async throws -> Int {
        var sum = 0
        try await run(command + ["--trace"]) { (finished, _) throws in
            #expect(finished.end == "exit code 0")
            for line in finished.errors {
                if let sent = line.firstMatch(of: /<- (\d+) bytes/) { sum += Int(sent.1) ?? 0 }
            }
        }
        return sum
    }

    @Test("a port that vanishes while a region is erased: each span is as it is said to be")
    func eraseRegion() async throws {
        let command = ["erase-region", "--no-stub", "0x1000", "0x8000"]
        let half = try await bytesSent(command) * 6 / 10
        try await run(command, fault: "vanish:\(half)") { (finished, board) throws in
            #expect(finished.end == "exit code 5", "\(finished.errors)")
            let pattern =
                /of the flash 0x1000 to 0x(\w+)000 are erased, (?:0x\w+ to 0x\w+ may be erased in part, )?0x(\w+)000 to 0x9000 are as they were: erase again before the board is used\. (.*)/
            let said = try #require(finished.errors.last?.firstMatch(of: pattern))
            #expect(said.3 == gone)
            let (erased, untouched) = (Int(said.1, radix: 16)! << 12, Int(said.2, radix: 16)! << 12)
            #expect(try board.flash(0x1000, erased - 0x1000).allSatisfy { $0 == 0xFF })
            #expect(try board.flash(untouched, 0x9000 - untouched) == Array(before[untouched..<0x9000]))
        }
    }

    @Test("a port that vanishes in the second of three files: which is whole, which half, which not begun")
    func severalFiles() async throws {
        try await withTemporaryDirectory { directory in
            let files = try [5000, 12_000, 300].enumerated().map { index, count in
                let file = directory.appending(path: "file\(index).bin")
                try Data(noise(count, seed: UInt64(index))).write(to: file)
                return file.path
            }
            let command = ["write", "--no-stub", "0x1000", files[0], "0x10000", files[1], "0x20000", files[2]]
            try await run(command, fault: "vanish:12000") { (finished, board) throws in
                #expect(finished.end == "exit code 5", "\(finished.errors)")
                #expect(
                    finished.errors.last
                        == "Error: \(board.port): \(files[0]) is written whole (0x1000 to 0x2388); \(files[1]) is written up to "
                        + "0x11000, and erased or unknown from there to 0x13000; \(files[2]) is not begun (0x20000 to 0x2012c "
                        + "are as they were): write again before the board is used. \(gone)")
                #expect(try board.flash(0x1000, 5000) == noise(5000, seed: 0))
                #expect(try board.flash(0x10000, 0x1000) == Array(noise(12_000, seed: 1)[..<0x1000]))
                #expect(try board.flash(0x20000, 300) == Array(before[0x20000..<0x2012C]))
            }
        }
    }

    @Test("a port that vanishes after all was verified: the flash is right, and RST is to be pressed")
    func notStarted() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "data.bin")
            try Data(noise(100, seed: 1)).write(to: file)
            let command = ["write", "0x1000", file.path]
            // The last command goes out, and is not answered. A slow machine may call SYNC once more, in the run that is
            // measured or in the one that is cut: then both are done again.
            var least = Int.max
            var last: (end: String, isAsSaid: Bool) = ("", false)
            for _ in 0..<8 where last.end != "exit code 8" {
                least = min(least, try await bytesSent(command))
                try await run(command, fault: "vanish:\(least - 4)") { (finished, board) throws in
                    last = (
                        finished.end,
                        finished.errors.last
                            == "Error: \(board.port): the flash is right: all is written and verified; the board was not "
                            + "restarted: press RST on it. \(gone)"
                    )
                    #expect(try board.flash(0x1000, 100) == noise(100, seed: 1))
                }
            }
            #expect(last.end == "exit code 8")
            #expect(last.isAsSaid)
        }
    }

    @Test("Ctrl-C in mid-erase ends it with the state of the flash, which is true", arguments: [SIGINT, SIGHUP])
    func interrupted(signal: Int32) async throws {
        try await withTemporaryDirectory { directory in
            let flash = directory.appending(path: "flash.bin")
            try Data(before).write(to: flash)
            try await RunningBoard.run(in: directory, arguments: ["--timing", "real"]) { board in
                let size = before.count
                let erasing = try BuiltCommand.start([
                    "flash", "erase-region", "--no-stub", "--port", board.port, "0x0", "\(size)",
                ])
                async let finished = FinishedCommand.run(erasing)
                try await eventually("the erase", within: .seconds(60)) { () -> Bool in
                    try board.flash(0, 2) == [0xFF, 0xFF]
                }
                kill(erasing.processIdentifier, signal)
                let command = await finished
                #expect(command.end == "exit code 130")
                // Blocks of 64 KiB, one after the other; the one under way may have been told or not.
                let said = try #require(command.errors.last)
                let pattern =
                    /.*: stopped: of the flash (0x0 to 0x(?<erased>[0-9a-f]+) are erased, )?(0x[0-9a-f]+ to 0x(?<touched>[0-9a-f]+) may be erased in part, )?0x[0-9a-f]+ to 0x400000 are as they were: erase again before the board is used/
                let found = try #require(try pattern.wholeMatch(in: said), "\(said)")
                let erased = try found.erased.map { try #require(Int($0, radix: 16)) } ?? 0
                let touched = try found.touched.map { try #require(Int($0, radix: 16)) } ?? erased
                #expect(try board.flash(0, erased) == [UInt8](repeating: 0xFF, count: erased))
                #expect(try board.flash(touched, size - touched) == Array(before[touched...]))
            }
        }
    }

    @Test("Ctrl-C while it is read back ends it as interrupted, and says that all is written")
    func interruptedReadBack() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "data.bin")
            try Data(noise(30_000, seed: 1)).write(to: file)
            try await RunningBoard.run(in: directory, arguments: ["--timing", "real"]) { board in
                let writing = try BuiltCommand.start([
                    "flash", "write", "--no-stub", "--json", "--baud", "921600", "--port", board.port, "0x1000",
                    file.path,
                ])
                async let errors = writing.errorLines?.reduce(into: [String]()) { $0.append($1) } ?? []
                for await line in writing.lines where line.contains(#""event":"began","phase":"verify""#) { break }
                kill(writing.processIdentifier, SIGINT)
                #expect(await writing.waitForEnd() == "exit code 130")
                #expect(
                    await errors == [
                        "Error: \(board.port): stopped: all is written, but it was not read back to the end: run iot flash verify"
                    ])
                #expect(try board.flash(0x1000, 30_000) == noise(30_000, seed: 1))
            }
        }
    }

    @Test("a flash that protects itself is not said to be erased")
    func protected() async throws {
        try await withTemporaryDirectory { directory in
            try Data(before).write(to: directory.appending(path: "flash.bin"))
            try await RunningBoard.run(in: directory) { board in
                let status = try await FinishedCommand.run(["flash", "status", "write", "0x001c", "--port", board.port])
                #expect(status.end == "exit code 0", "\(status.errors)")
                let erase = try await FinishedCommand.run(["flash", "erase", "--port", board.port])
                #expect(erase.end == "exit code 1")
                #expect(
                    erase.errors.last
                        == "Error: \(board.port): the flash protects itself from being erased (its status is 0x1c); iot flash "
                        + "status write 0x0000 ends that (the flash is as it was)")
                #expect(try board.flash(0, 0x1000) == Array(before[..<0x1000]))
            }
        }
    }
}
