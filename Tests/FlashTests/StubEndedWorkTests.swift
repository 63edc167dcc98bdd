import Foundation
import TestSupport
import Testing

/// Work of our stub that is ended in the middle: what is said of the flash is what it is, and the board can be gone on with.
@Suite(.timeLimit(.minutes(5))) struct StubEndedWorkTests {
    private static let gone = "What happened: the port is gone; was the board or its cable pulled out?"

    @Test("a port that vanishes in the second of three files: which is whole, which half, which not begun")
    func severalFiles() async throws {
        try await NoisyBoard.run(.pseudoTerminal, ["--timing", "fast", "--fault", "vanish:45000"]) { noisy in
            let data = [noise(9000, seed: 1), noise(90_000, seed: 2), noise(300, seed: 3)]
            let files = try data.enumerated().map { try noisy.file("\($0).bin", $1) }
            let ended = try await noisy.command(["write", "0x1000", files[0], "0x10000", files[1], "0x30000", files[2]])
            #expect(ended.end == "exit code 5", "\(ended.errors)")
            let said = try #require(ended.errors.last)
            let found = try #require(said.firstMatch(of: /is written up to 0x([0-9a-f]+),/), "\(said)")
            let end = try #require(Int(found.1, radix: 16))
            #expect(
                said
                    == "Error: \(noisy.board.port): \(files[0]) is written whole (0x1000 to 0x3328); \(files[1]) is written up to "
                    + "0x\(found.1), and erased or unknown from there to 0x26000; \(files[2]) is not begun (0x30000 to 0x3012c "
                    + "are as they were): write again before the board is used. \(Self.gone)")
            #expect(end > 0x10000)
            #expect(try noisy.flash(0x1000..<0x1000 + 9000) == data[0])
            #expect(try noisy.flash(0x10000..<end) == Array(data[1][..<(end - 0x10000)]))
            #expect(try noisy.flash(0x26000..<4 << 20) == Array(NoisyBoard.before[0x26000...]))
        }
    }

    @Test("a board that is killed while the stub writes: what is said to be written is in its file")
    func killed() async throws {
        let data = noise(400_000, seed: 1)
        // In real time 35 s are to be cut off, so that a busy machine does not look when all is written.
        try await NoisyBoard.run(.pseudoTerminal, ["--timing", "real"]) { noisy in
            let file = try noisy.file("data.bin", data)
            let (process, flash) = (noisy.board.process, noisy.directory.appending(path: "flash.bin"))
            let ended = try await noisy.command(["write", "0x1000", file], at: #""event":"began","phase":"write""#) {
                _ in
                // The file says how far it is.
                try await eventually("the first sectors", within: .seconds(60)) { () -> Bool in
                    Array(try Data(contentsOf: flash)[0x9000..<0x9100]) == Array(data[0x8000..<0x8100])
                }
                kill(process.processIdentifier, SIGKILL)
            }
            #expect(await process.waitForEnd() == "signal 9")
            #expect(ended.end == "exit code 5", "\(ended.errors)")
            let said = try #require(ended.errors.last)
            let found = try #require(said.firstMatch(of: /is written up to 0x([0-9a-f]+),/), "\(said)")
            let end = try #require(Int(found.1, radix: 16))
            #expect(
                said
                    == "Error: \(noisy.board.port): the flash is written up to 0x\(found.1), and erased or unknown from there to "
                    + "0x63000: write again before the board is used. \(Self.gone)")
            let now = try noisy.flash(0..<4 << 20)
            #expect(Array(now[0x1000..<end]) == Array(data[..<(end - 0x1000)]))
            #expect(Array(now[..<0x1000]) == Array(NoisyBoard.before[..<0x1000]))
            #expect(Array(now[0x63000...]) == Array(NoisyBoard.before[0x63000...]))
            // Every burst that the stub programs is old, blank, or as it shall be.
            let torn = stride(from: 0, to: data.count / 64 * 64, by: 64).filter { place in
                let burst = now[0x1000 + place..<0x1000 + place + 64]
                return burst != data[place..<place + 64] && burst.contains { $0 != 0xFF }
                    && burst != NoisyBoard.before[0x1000 + place..<0x1000 + place + 64]
            }
            #expect(torn == [])
        }
    }

    @Test("a board that is gone while it is read: no file is left behind", arguments: ["killed", "unplugged"])
    func goneWhileRead(how: String) async throws {
        // Only questions go to the board: 24 bytes for each 4096.
        let fault = how == "killed" ? [] : ["--fault", "vanish:13000"]
        try await NoisyBoard.run(.pseudoTerminal, ["--timing", "real"] + fault) { noisy in
            let (process, back) = (noisy.board.process, noisy.directory.appending(path: "back.bin").path)
            let words = ["read", "--baud", "921600", "0x0", "all", back]
            let ended = try await noisy.command(words, at: #""event":"progress","phase":"read""#) { _ in
                if how == "killed" { kill(process.processIdentifier, SIGKILL) }
            }
            #expect(ended.end == "exit code 2", "\(ended.errors)")
            #expect(
                ended.errors.last
                    == "Error: \(noisy.board.port): the port is gone; was the board or its cable pulled out?")
            #expect(ended.output.contains { $0.contains(#""event":"progress","phase":"read""#) })
            #expect(!FileManager.default.fileExists(atPath: back))
            #expect(try noisy.flash(0..<4 << 20) == NoisyBoard.before)
        }
    }

    @Test("Ctrl-C while it is read ends it, leaves no file, and the stub answers the next command")
    func stoppedReading() async throws {
        try await NoisyBoard.run(.pseudoTerminal, ["--timing", "real"]) { noisy in
            let back = noisy.directory.appending(path: "back.bin").path
            let ended = try await noisy.command(
                ["read", "0x0", "all", back], at: #""event":"progress","phase":"read""#
            ) {
                kill($0, SIGINT)
            }
            #expect(ended.end == "exit code 130")
            #expect(ended.errors == ["Error: \(noisy.board.port): stopped"])
            #expect(!FileManager.default.fileExists(atPath: back))
            let next = try await noisy.command(["read", "0x1234", "5000", back, "--before", "no-reset"])
            #expect(next.end == "exit code 0", "\(next.errors)")
            #expect(
                Array(try Data(contentsOf: URL(filePath: back))) == Array(NoisyBoard.before[0x1234..<0x1234 + 5000]))
        }
    }

    @Test("Ctrl-C while it is compared ends it as interrupted, and the stub answers the next command")
    func stoppedComparing() async throws {
        try await NoisyBoard.run(.pseudoTerminal, ["--timing", "real"]) { noisy in
            // The digest of all takes a second, and so do those of the sectors; a test that gets no turn for so long tries again.
            var data = Array(NoisyBoard.before[0x1000...])
            data[0x3F0000] ^= 1
            let words = ["verify", "0x1000", try noisy.file("data.bin", data)]
            var ended = try await noisy.command(words, at: #""event":"began","phase":"verify""#) { kill($0, SIGINT) }
            for _ in 0..<4 where ended.end == "exit code 4" {
                ended = try await noisy.command(words, at: #""event":"began","phase":"verify""#) { kill($0, SIGINT) }
            }
            #expect(ended.end == "exit code 130")
            #expect(ended.errors == ["Error: \(noisy.board.port): stopped"])
            let next = try await noisy.command(["id", "--before", "no-reset"])
            #expect(next.end == "exit code 0", "\(next.errors)")
            #expect(try noisy.flash(0..<4 << 20) == NoisyBoard.before)
        }
    }

    @Test("Ctrl-C while what was written is verified: it says that all is written, and it is")
    func stoppedVerifying() async throws {
        // The board falls silent in the last questions for digests, of what was erased and not written: four, for there is much
        // of it. A slow machine may call SYNC once more, in the run that is measured or in the one that is stopped: then both
        // are done again.
        let data = noise(10_000, seed: 1) + [UInt8](repeating: 0xFF, count: 3_500_000)
        var least = Int.max
        var ended: FinishedCommand?
        for _ in 0..<8 where ended?.end != "exit code 130" {
            try await NoisyBoard.run { noisy in
                let whole = try await noisy.command(["write", "--trace", "0x1000", noisy.file("data.bin", data)])
                #expect(whole.end == "exit code 0", "\(whole.errors)")
                least = min(least, try #require(Self.bytesBeforeLast("c0 00 42 ", in: whole)))
            }
            try await NoisyBoard.run(.pseudoTerminal, ["--timing", "fast", "--fault", "stuck:\(least - 30)"]) { noisy in
                let words = ["write", "0x1000", try noisy.file("data.bin", data)]
                let last = try await noisy.command(words, at: #""event":"began","phase":"verify""#) { kill($0, SIGINT) }
                ended = last
                guard last.end == "exit code 130" else { return }
                #expect(
                    last.errors == [
                        "Error: \(noisy.board.port): stopped: all is written, but it was not read back to the end: run iot flash verify"
                    ])
                #expect(try noisy.flash(0..<4 << 20) == NoisyBoard.expected([(0x1000, data)]))
            }
        }
        #expect(ended?.end == "exit code 130", "\(ended?.errors ?? [])")
    }

    /// Bytes to the board before the last frame that begins like this, as a trace has them; nil where there is none.
    private static func bytesBeforeLast(_ beginning: String, in command: FinishedCommand) -> Int? {
        var bytes = 0
        var found: Int?
        for line in command.errors {
            guard let sent = line.firstMatch(of: /<- (\d+) bytes: (.*)/) else { continue }
            if sent.2.hasPrefix(beginning) { found = bytes }
            bytes += Int(sent.1) ?? 0
        }
        return found
    }

    @Test(
        "power that is lost twice in mid-write and comes back: the rest is written, and not all once more",
        arguments: [RunningBoard.Kind.pseudoTerminal, .rfc2217])
    func powerLost(kind: RunningBoard.Kind) async throws {
        let faults = ["--timing", "real", "--fault", "brown-out:60000", "--fault", "brown-out:110000"]
        try await NoisyBoard.run(kind, faults) { noisy in
            let data = noise(120_000, seed: 1)
            let written = try await noisy.command(
                ["write", "--baud", "460800", "--trace", "0x1000", noisy.file("data.bin", data)])
            #expect(written.end == "exit code 0", "\(written.errors.suffix(5))")
            #expect(try noisy.flash(0..<4 << 20) == NoisyBoard.expected([(0x1000, data)]))
            // The stub three times, the data once, and twice what was under way.
            let sent = NoisyBoard.bytesSent(written)
            #expect((150_000..<250_000).contains(sent), "\(sent)")
        }
    }
}
