import TestSupport
import Testing

/// What `iot board --pin` takes.
@Suite(.timeLimit(.minutes(4))) struct DrivenPinTests {
    @Test(
        "a pin that is not there, one of the flash, no level, and two levels of one pin are refused with what to do",
        arguments: [
            (["17=1"], "\"17=1\": there is no GPIO17; take one of GPIO0 to GPIO5 and GPIO12 to GPIO16"),
            (["-1=1"], "\"-1=1\": there is no GPIO-1; take one of GPIO0 to GPIO5 and GPIO12 to GPIO16"),
            (
                ["6=1"],
                "\"6=1\": GPIO6 is a line of the flash, as are GPIO6 to GPIO11; take one of GPIO0 to GPIO5 and GPIO12 to GPIO16"
            ),
            (
                ["4=1", "11=0"],
                "\"11=0\": GPIO11 is a line of the flash, as are GPIO6 to GPIO11; take one of GPIO0 to GPIO5 and GPIO12 to GPIO16"
            ),
            (["5=2"], "\"5=2\" is no pin and level; write 5=1 for GPIO5 at 1, or 5=0"),
            (["5==1"], "\"5==1\" is no pin and level; write 5=1 for GPIO5 at 1, or 5=0"),
            (
                ["5=1", "4=1", "5=0"], "--pin 5=0 and --pin 5=1 contradict each other; give GPIO5 one level"
            ),
        ])
    func refused(pins: [String], said: String) async throws {
        let command = try await FinishedCommand.run(["board"] + pins.map { "--pin=\($0)" }, within: .seconds(60))
        #expect(command.end == "exit code 64")
        #expect(command.errors.first?.hasSuffix(said) == true, "\(command.errors)")
        #expect(command.output == [])
    }

    @Test("the other pins are taken, and the same level twice is one")
    func taken() async throws {
        try await withTemporaryDirectory { directory in
            let pins = ["0=1", "5=1", "5=1", "12=0", "16=1"].map { "--pin=\($0)" }
            try await RunningBoard.run(in: directory, arguments: pins) { board in #expect(board.ports.count == 1) }
        }
    }
}
