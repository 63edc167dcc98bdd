import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import HIL

/// Whether a real board is there, and what becomes of switches that never come to an end.
@Suite(.timeLimit(.minutes(5))) struct SerialUnitPresenceTests {
    private static func accepted(_ listener: Int32) async throws -> FileHandle {
        try await awaited {
            let handle = accept(listener, nil, nil)
            return handle >= 0 ? FileHandle(fileDescriptor: handle, closeOnDealloc: true) : nil
        }
    }

    /// Serves one client after the other and says so on its console, as the firmware does.
    private func board(network: Int32, console: Int32) -> Task<Void, any Error> {
        Task {
            let port = try await Self.accepted(console)
            // Of one whose end it has noticed just now.
            try port.write(contentsOf: Data("Client disconnected\r\n".utf8))
            while true {
                let client = try await Self.accepted(network)
                try port.write(contentsOf: Data("Client Connected\r\n42\r\n".utf8))
                try await awaited {
                    var byte: UInt8 = 0
                    return recv(client.fileDescriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 0 ? () : nil
                }
                try port.write(contentsOf: Data("Client disconnected\r\n".utf8))
            }
        }
    }

    @Test("What the runner's own look at a board makes it print counts for no step, what comes after it does")
    func ownLook() async throws {
        let address = try IPv4Address("127.39.22.1")
        let (network, _) = try Cable.listen(address, UnitPort.firmware)
        let (console, port) = try Cable.listen(Stage.loopback, 0)
        defer { for listener in [network, console] { close(listener) } }
        let serving = board(network: network, console: console)
        let unit = SerialUnit(
            RigBoard(
                name: "b", kind: .read, driver: .serial,
                serial: RigBoard.SerialPlace(port: "socket://127.0.0.1:\(port)"), address: address), unit: "u",
            bench: .alone())
        try await unit.begin()
        #expect(unit.console.from(0).map(\.element) == [])
        let client = try await RawClient.connect(to: (address, UnitPort.firmware))
        try await eventually("it is served") { unit.console.from(0).map(\.element) == ["Client Connected", "42"] }
        client.close(with: .end)
        serving.cancel()
        _ = await serving.result
        _ = await unit.end()
    }

    private func given(_ address: IPv4Address) async throws -> Stage {
        let rig = try RigFile(yaml: "name: r\nboards: {b: {kind: lamp, driver: simulated}}\n", path: "r")
        return try await Stage(
            [GivenUnit(name: "u", kind: .lamp, abilities: [])],
            boards: [
                "u": RigBoard(
                    name: "b", kind: .lamp, driver: .serial, address: address,
                    power: .commands(on: ["true"], off: ["true"]))
            ], rig: rig, bench: .alone())
    }

    @Test("A board in the network alone that goes in mid-case is the bench's fault, unless a step has taken its power")
    func gone() async throws {
        let address = try IPv4Address("127.39.22.2")
        let (network, _) = try Cable.listen(address, UnitPort.firmware)
        let stage = try await given(address)
        try await stage.begin()
        func failure() async -> HILError? {
            do {
                try await TimeLimit.run(.milliseconds(300), "step") {
                    try await stage.perform(.shows(unit: "u", .black))
                }
                return nil
            } catch {
                return error as? HILError
            }
        }
        let unknown = HILError.failed("nothing is known of what u shows, and it should be #000000, after 300ms")
        #expect(await failure() == unknown)
        close(network)
        #expect(
            await failure()
                == .infrastructure(
                    "u: nobody answers at 127.39.22.2:8888 "
                        + "(127.39.22.2:8888 cannot be connected to: Connection refused); "
                        + "nothing is known of what u shows, and it should be #000000"))
        try await stage.perform(.power(unit: "u", .cycle))
        #expect(await failure() == unknown)
        #expect(await stage.end() == [])
    }

    private struct Silence: Prompt {
        func ask(_ what: String) async throws { try await Task.sleep(for: .seconds(600)) }
    }

    @Test("A switch that does not come to its end, and a person who does not answer, are the bench's fault")
    func hanging() async throws {
        let switches: [(RigBoard.PowerSwitch, String)] = [
            (.commands(on: ["true"], off: ["sleep", "600"]), "the power of b: sleep 600 has not ended in time"),
            (.byHand, "somebody was asked to switch the power of b off, and has not answered in time"),
        ]
        for (power, why) in switches {
            let unit = SerialUnit(
                RigBoard(name: "b", kind: .read, driver: .serial, power: power), unit: "u",
                bench: .alone(prompt: Silence()))
            await #expect(throws: HILError.infrastructure(why)) {
                try await TimeLimit.run(.milliseconds(300), "step", grace: .seconds(120)) {
                    try await unit.power(.off, cable: nil)
                }
            }
            #expect(await unit.end() == [])
        }
    }

    @Test("A switch that hangs while the power is to fail is the bench's fault too")
    func hangingBrownOut() async throws {
        let hangs = HILError.infrastructure("the switch hangs")
        await #expect(throws: hangs) {
            try await TimeLimit.run(.milliseconds(300), "step", grace: .seconds(120)) {
                _ = try await BrownOut().during {
                    try await Task.sleep(for: .seconds(600))
                    return ProgramEnd(status: "exit code 0")
                } moment: {
                } off: {
                    do {
                        try await Task.sleep(for: .seconds(600))
                    } catch {
                        throw hangs
                    }
                } on: {
                }
            }
        }
    }
}
