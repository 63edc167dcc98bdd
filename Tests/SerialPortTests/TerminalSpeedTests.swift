import Testing

@testable import SerialPort

@Suite struct TerminalSpeedTests {
    @Test(
        "a speed that a driver took in the place of the one asked for counts as another one from 3 % on",
        arguments: [
            (115_200, 115_200, 115_200, nil), (115_200, 115_384, 115_384, nil), (100_000, 103_000, 97_000, nil),
            (100_000, 103_001, 100_000, 103_001), (100_000, 100_000, 96_999, 96_999),
            (4_000_000, 9600, 9600, 9600), (74_880, 0, 0, 0), (1_500_000, 1_000_000, 1_500_000, 1_000_000),
        ] as [(Int, UInt32, UInt32, Int?)])
    func tolerance(baud: Int, input: UInt32, output: UInt32, other: Int?) {
        #expect(TerminalSpeed.other(than: baud, inputSpeed: input, outputSpeed: output) == other)
    }

    @Test("the error says what was asked for, what was taken, and what to do")
    func text() {
        #expect(
            SerialError("/dev/ttyUSB0", .otherBaud(asked: 4_000_000, taken: 9600)).description
                == "/dev/ttyUSB0: it cannot do 4000000 baud: asked for it, its driver took 9600; choose another baud")
    }
}
