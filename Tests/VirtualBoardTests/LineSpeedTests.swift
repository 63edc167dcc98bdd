import Foundation
import TestSupport
import Testing

/// The speed of the line behind plain TCP, from which a host computes the crystal.
@Suite(.timeLimit(.minutes(3))) struct LineSpeedTests {
    @Test("a host with the line's speed sees the crystal of 26 MHz", arguments: ["9600", "74880", "921600"])
    func crystal(baud: String) async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(.tcp, in: directory, arguments: ["--timing", "fast", "--baud", baud]) { board in
                let command = try await FinishedCommand.run(["flash", "id", "--port", board.port, "--baud", baud])
                #expect(command.end == "exit code 0", "\(command.errors)")
                #expect(command.output.dropFirst().first == "crystal  26 MHz")
            }
        }
    }

    @Test("elsewhere the host sets the speed, and --baud is refused", arguments: [["--rfc2217", "0"], []])
    func refused(port: [String]) async throws {
        let command = try await FinishedCommand.run(["board", "--baud", "9600"] + port)
        #expect(command.end == "exit code 64")
        #expect(
            command.errors.first == "Error: --baud is for --tcp alone; elsewhere the host sets the speed of the line")
    }
}
