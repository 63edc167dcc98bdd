import Settings
import Testing
import UnitProtocol

@testable import HIL

@Suite struct RigFileTests {
    private func problems(_ yaml: String) -> [String] {
        do {
            _ = try RigFile(yaml: yaml, path: "r.yaml")
            return []
        } catch let error as SettingsError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("Boards are read with their facts, and have the abilities that follow from them")
    func boards() throws {
        let rig = try RigFile(
            yaml: """
                name: bench
                variables: {image: firmware.bin, count: 3}
                base: {start: [other, "{iot}"], settings: {units: {period: 2s}}}
                boards:
                  sim: {kind: lamp, driver: simulated, profile: core-2.6}
                  host: {kind: read, driver: firmware-host, folder: build, signal: uniform}
                  real:
                    kind: lamp
                    driver: serial
                    serial: {port: "usb:serial=0001", baud: 115200}
                    address: 192.168.1.20
                    firmware: reference
                    wiring: {reset-lines: true, lamp-readback: console}
                    power: {uhubctl: {hub: 1-1, port: 2}}
                    abilities: [counts]
                    may-be-flashed: true
                """, path: "r.yaml")
        #expect(rig.variables == ["image": "firmware.bin", "count": "3"])
        #expect(rig.base.start == ["other", "{iot}"])
        #expect(rig.boards.map(\.name) == ["sim", "host", "real"])
        #expect(
            rig.boards[0].abilities == [
                .network, .serial, .reset, .power, .originalFirmware, .earlyClose, .lampReadback,
            ])
        #expect(rig.boards[1].abilities == [.network, .serial, .serialInput, .reset, .power, .referenceFirmware])
        #expect(
            rig.boards[2].abilities == [
                .network, .serial, .serialInput, .reset, .flash, .bootText, .power, .brownOut, .lampReadback,
                .referenceFirmware, .earlyClose, .lineFeed, .counts,
            ])
        #expect(rig.boards[2].serial == RigBoard.SerialPlace(port: "usb:serial=0001", baud: 115_200))
        let names = BoardNames(system: "/nowhere", devices: "/nowhere")
        #expect(rig.boards.map(names.of) == [[], [], ["address 192.168.1.20", "usb:serial=0001"]])
    }

    @Test("A real board is flashed only where the rig allows it, since that replaces what it runs")
    func flash() throws {
        let abilities = try ["", ", may-be-flashed: false", ", may-be-flashed: true"].map { more in
            try RigFile(
                yaml: "name: r\nboards: {b: {kind: read, driver: serial, serial: {port: /dev/ttyUSB0}, "
                    + "wiring: {reset-lines: true}, power: {on: [a], off: [b]}\(more)}}\n", path: "r.yaml"
            ).boards[0].abilities
        }
        let without: Set<Ability> = [.serial, .serialInput, .reset, .bootText, .power]
        #expect(abilities == [without, without, without.union([.flash, .brownOut])])
    }

    @Test("All that is wrong with a rig is told at once, with path, line and what would be right")
    func wrong() {
        #expect(
            problems(
                """
                boards:
                  a: {kind: cat, driver: simulated}
                  b: {kind: read, driver: simulated, profile: core-9, signal: loud}
                  c: {kind: read, driver: serial}
                  d: {kind: read, driver: serial, address: 1.2.3, serial: {port: ttyUSB0}}
                  e: {kind: read, driver: serial, address: 1.2.3.4, power: {by-hand: true, on: [x]}}
                  f: {kind: read, driver: command}
                  g: {driver: virtual-board, colour: red}
                """) == [
                    "name: is missing; it names the rig in reports",
                    #"boards.a.kind (line 2): must be one of "read", "lamp", not "cat""#,
                    #"boards.b.profile (line 3): must be core-2.6 or core-3.1, not "core-9""#,
                    #"boards.b.signal (line 3): must be one of uniform, counter, walk:20, sine:60s, constant:N, not "loud""#,
                ] + problemsOfRealBoards)
    }

    private var problemsOfRealBoards: [String] {
        [
            "boards.d.address (line 5): \(AddressError.notAnAddress("1.2.3"))",
            "boards.d.serial.port (line 5): ttyUSB0: a port is a path (/dev/ttyUSB0), usb:1a86:7523, rfc2217://host:port or "
                + "socket://host:port",
            "boards.e.power (line 6): wants both on and off, each a program and its arguments, as a list",
            "boards.e.power (line 6): wants one of uhubctl, on with off, or by-hand: true",
            "boards.f.start (line 7): is missing; it is the program and its arguments, as a list",
            "boards.g.kind (line 8): is missing; it is read or lamp",
        ]
    }

    @Test("A port or an address that two boards have is told of, by whatever names")
    func twice() {
        #expect(
            problems(
                """
                name: r
                boards:
                  a: {kind: read, driver: serial, serial: {port: /dev/null}, address: 10.0.0.1}
                  b: {kind: lamp, driver: serial, serial: {port: /dev/../dev/null}}
                  c: {kind: lamp, driver: serial, address: 10.0.0.1}
                  d: {kind: lamp, driver: serial, address: 10.0.0.2}
                """) == [
                    "boards.b (line 4): is the same as a: both have /dev/null",
                    "boards.c (line 5): is the same as a: both have address 10.0.0.1",
                ])
    }

    @Test("A real board that nothing reaches is told of")
    func unreachable() {
        #expect(
            problems("name: r\nboards: {c: {kind: read, driver: serial}}\n") == [
                "boards.c (line 2): wants an address, a serial port, or both; nothing else reaches a real board"
            ])
        #expect(problems("name: r\n") == ["boards: is missing; it is the map of boards"])
    }
}
