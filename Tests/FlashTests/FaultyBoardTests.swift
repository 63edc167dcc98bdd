import Foundation
import TestSupport
import Testing

/// `iot flash` through the ROM's loader against boards whose line, flash or power fails: the flash is right, or the exit code says that it is not.
@Suite(.timeLimit(.minutes(5)))
struct FaultyBoardTests {
    private func write(
        _ fault: String, _ kind: RunningBoard.Kind = .pseudoTerminal, bytes: Int = 12_000
    ) async throws -> (command: FinishedCommand, isRight: Bool, port: String) {
        try await withTemporaryDirectory { directory in
            let data = noise(bytes, seed: 1)
            // Nothing is blank: what is not erased shows.
            try Data(noise(4 << 20, seed: 9)).write(to: directory.appending(path: "flash.bin"))
            let file = directory.appending(path: "data.bin")
            try Data(data).write(to: file)
            let arguments = ["--timing", "fast", "--fault", fault, "--fault-seed", "3"]
            return try await RunningBoard.run(kind, in: directory, arguments: arguments) { board in
                let command = try await FinishedCommand.run(
                    ["flash", "write", "--no-stub", "--port", board.port, "0x1000", file.path], within: .seconds(200))
                return (command, try board.flash(0x1000, bytes) == data, board.port)
            }
        }
    }

    @Test(
        "with bytes that are lost, doubled or flipped now and then the flash is right in the end",
        arguments: ["drop:0.0001", "repeat:0.0001", "flip:0.0001"])
    func disturbed(fault: String) async throws {
        let (command, isRight, _) = try await write(fault)
        #expect(command.end == "exit code 0", "\(command.errors)")
        #expect(isRight)
    }

    @Test(
        "on a line that is no good it ends, and says that all is right only where it is",
        arguments: ["flip:0.001", "drop:0.002", "repeat:0.002"])
    func hopeless(fault: String) async throws {
        let (command, isRight, port) = try await write(fault, bytes: 5000)
        guard command.end != "exit code 0" else {
            #expect(isRight)
            return
        }
        #expect(["exit code 1", "exit code 3", "exit code 4", "exit code 5", "exit code 7"].contains(command.end))
        #expect(command.errors.last?.hasPrefix("Error: \(port): ") == true)
    }

    @Test("a chip that restarts before the first block is met again", arguments: ["brown-out:150", "brown-out:500"])
    func early(fault: String) async throws {
        let (command, isRight, _) = try await write(fault, .rfc2217)
        #expect(command.end == "exit code 0", "\(command.errors)")
        #expect(isRight)
    }

    @Test("what is lost while it is read back is no doubt about what was written", arguments: ["vanish:16000"])
    func verifying(fault: String) async throws {
        let (command, isRight, port) = try await write(fault)
        #expect(command.end == "exit code 7")
        #expect(isRight)
        #expect(
            command.errors.last
                == "Error: \(port): all is written, but it was not read back to the end: run iot flash verify. What happened: "
                + "the port is gone; was the board or its cable pulled out?")
    }

    @Test("a chip that restarts or is silent in mid-write is met again", arguments: RunningBoard.Kind.allCases)
    func restarted(kind: RunningBoard.Kind) async throws {
        for fault in ["brown-out:6000", "silent:6000:2"] {
            let (command, isRight, _) = try await write(fault, kind)
            #expect(command.end == "exit code 0", "\(fault): \(command.errors)")
            let told = command.errors.filter {
                $0.hasPrefix("the board did not answer in mid-write: ") && $0.contains(", and writing goes on at 0x")
            }
            #expect(!told.isEmpty, "\(fault): \(command.errors)")
            #expect(isRight, "\(fault)")
        }
    }

    @Test(
        "a port that vanishes in mid-write ends it with the state of the flash", arguments: RunningBoard.Kind.allCases)
    func vanished(kind: RunningBoard.Kind) async throws {
        let (command, isRight, port) = try await write("vanish:6000", kind)
        #expect(command.end == "exit code 5")
        #expect(!isRight)
        #expect(
            command.errors.last
                == "Error: \(port): the flash is written up to 0x2000, and erased or unknown from there to 0x4000: write again "
                + "before the board is used. What happened: the port is gone; was the board or its cable pulled out?")
    }

    @Test("a sector that takes nothing is named")
    func badSector() async throws {
        let (command, isRight, port) = try await write("bad-sector:2")
        #expect(command.end == "exit code 5")
        #expect(!isRight)
        #expect(
            command.errors.last
                == "Error: \(port): the flash is written up to 0x2000, and erased or unknown from there to 0x4000: write again "
                + "before the board is used. What happened: the chip refused to write 0x2000: writing to the flash failed (08)"
        )
    }

    @Test("a board that falls silent for good ends it within bounds")
    func stuck() async throws {
        let (command, isRight, _) = try await write("stuck:6000")
        #expect(command.end == "exit code 5")
        #expect(!isRight)
    }
}
