import Daemon
import Foundation
import Glibc
import TestSupport
import Testing

/// Hub, base and fleet as processes, over the real protocols.
@Suite(.serialized, .timeLimit(.minutes(8)))
struct WholeSystemTests {
    @Test("values flow, a colour reaches the lamp, and SIGTERM stops everything with exit code 0")
    func wholeSystem() async throws {
        var children: [pid_t] = []
        let process = try await RunningSystem.run(unitsFrom: "127.51.1.1") { system in
            #expect(system.ready.units.map(\.kind) == ["read", "read", "read", "read", "updatable", "updatable"])
            // At once: whoever reads the ready line may send a request.
            let lamp = try #require(try await system.devices().first { $0.kind == "updatable" })
            #expect(try await system.request("#00ff7f", to: lamp.id) == 202)
            try await system.waitForFreshValues()
            try await eventually("the colour on the lamp's console") { system.console(lamp.name).contains("#00ff7f") }
            children = try [["hub"], ["fleet"], ["base"]].compactMap { try system.child($0) }
            return system.process
        }
        #expect(await process.waitForEnd() == "exit code 0")
        #expect(children.count == 3)
        #expect(children.map { kill($0, 0) } == [-1, -1, -1])
    }

    @Test("a part that is killed comes back, and values flow again", arguments: [["base"], ["fleet"], ["hub"]])
    func killed(part: [String]) async throws {
        try await RunningSystem.run(unitsFrom: "127.52.1.1") { system in
            try await system.waitForFreshValues()
            let pid = try #require(try system.child(part))
            kill(pid, SIGKILL)
            try await eventually("another process", within: .seconds(60)) { try system.child(part).map { $0 != pid } }
            try await system.waitForFreshValues()
            let lamp = try #require(try await system.devices().first { $0.kind == "updatable" })
            try await eventually("commands pass again", within: .seconds(60)) {
                (try? await system.request("red", to: lamp.id)) == 202
            }
            try await eventually("the colour on the lamp's console", within: .seconds(30)) {
                system.console(lamp.name).contains("red")
            }
        }
    }

    @Test("a unit that was absent at start appears when it comes")
    func absentUnit() async throws {
        try await RunningSystem.run(unitsFrom: "127.56.1.1", units: "2+0") { system in
            try await system.waitForFreshValues()
            // A unit that the base is told of beforehand and that is not there yet.
            let late = "127.56.9.9"
            let device = try await system.send(
                .POST, "/api/devices", json: ["name": "late", "kind": "read", "address": late])
            #expect(device.0 == 201)
            var configuration = try #require(
                try JSONSerialization.jsonObject(
                    with: Data(contentsOf: system.state.appending(path: "config.json"))) as? [String: Any])
            configuration["clients"] = [late]
            configuration["units"] = ["backoff-min": "100ms", "backoff-max": "500ms"]
            configuration["outbox"] = ["directory": system.state.appending(path: "late").path]
            let file = system.state.appending(path: "late.json")
            try JSONSerialization.data(withJSONObject: configuration).write(to: file)
            let base = try BuiltCommand.start(["base", "run", "--config", file.path, "--json", "--stop-with-parent"])
            _ = try await base.readyLine(within: .seconds(90))
            let errors = try #require(base.errorLines)
            _ = await errors.first { $0.contains("unit.lost") }
            let unit = try BuiltCommand.start(["sim", "read", "--address", late, "--stop-with-parent"])
            try await eventually("a value of the late unit", within: .seconds(30)) {
                try await system.devices().contains { $0.address == late && $0.lastState != nil }
            }
            await base.stop(within: .seconds(20))
            await unit.stop(within: .seconds(20))
        }
    }

    @Test("no part outlives iot up, however it dies")
    func parentKilled() async throws {
        try await RunningSystem.run(unitsFrom: "127.53.1.1", units: "1+1") { system in
            let children = try [["hub"], ["fleet"], ["base"]].compactMap { try system.child($0) }
            #expect(children.count == 3)
            kill(system.process.processIdentifier, SIGKILL)
            try await eventually("the children's end", within: .seconds(30)) {
                children.allSatisfy { kill($0, 0) == -1 }
            }
        }
    }

    @Test("a busy port is named with its flag before anything starts")
    func busyPort() async throws {
        try await RunningSystem.run(unitsFrom: "127.54.1.1", units: "1+1") { system in
            let port = try #require(URL(string: system.ready.hub)?.port)
            let same = try BuiltCommand.start(["up", "--hub-port", "\(port)", "--state", system.state.path + "-2"])
            #expect(await same.waitForEnd() == "exit code 1")
            let errors = try #require(same.errorLines)
            #expect(
                await errors.first { _ in true }
                    == "Error: port \(port) on 127.0.0.1 is in use; choose another with --hub-port (0 takes a free one)"
            )
            let unit = try BuiltCommand.start([
                "up", "--hub-port", "0", "--units-from", "127.54.1.1", "--state", system.state.path + "-2",
            ])
            #expect(await unit.waitForEnd() == "exit code 1")
            let unitErrors = try #require(unit.errorLines)
            #expect(
                await unitErrors.first { _ in true }
                    == "Error: 127.54.1.1 port 8888 is in use, perhaps by another fleet; "
                    + "choose other addresses with --units-from, such as 127.0.2.1")
        }
    }
}
