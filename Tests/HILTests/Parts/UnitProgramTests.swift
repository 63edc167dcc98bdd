import Foundation
import Testing
import UnitProtocol

@testable import HIL

@Suite struct UnitProgramTests {
    private let address = IPv4Address(bits: 0x7F40_0001)
    private let iot = URL(filePath: "/bin/iot")

    @Test("A simulated unit's console stands behind its name, its colours too")
    func simulated() {
        let program = UnitProgram(
            RigBoard(name: "b", kind: .lamp, driver: .simulated), unit: "lamp", address: address, iot: iot)
        #expect(
            [program.executable] + program.arguments == [
                "/bin/iot", "sim", "lamp", "--name", "lamp", "--address", "127.64.0.1", "--profile", "core-3.1",
                "--stop-with-parent",
            ])
        #expect(program.read("lamp: Client Connected", isError: false) == .console("Client Connected"))
        #expect(program.read("lamp: shows #ff0000", isError: false) == .shows(Color(rgb: 0xFF0000)))
        #expect(program.read("other", isError: false) == .other)
    }

    @Test("Of a program its stdout is the console, and stderr says what it shows, which a console cannot")
    func command() {
        let board = RigBoard(name: "b", kind: .lamp, driver: .command, start: ["p", "{kind}", "{address}", "{iot}"])
        let program = UnitProgram(board, unit: "lamp", address: address, iot: iot)
        #expect([program.executable] + program.arguments == ["p", "lamp", "127.64.0.1", "/bin/iot"])
        #expect(program.read("shows #ff0000\r", isError: false) == .console("shows #ff0000"))
        #expect(program.read("shows #ff0000", isError: true) == .shows(Color(rgb: 0xFF0000)))
        #expect(program.read("listening 127.64.0.1:8888", isError: true) == .listens)
        #expect(program.read("trouble", isError: true) == .other)
    }
}
