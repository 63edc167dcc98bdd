import Daemon
import Foundation
import TestSupport
import Testing

/// `iot up` a second time on the same state directory.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct LaterStartTests {
    private struct Unit: Equatable, CustomStringConvertible {
        var name: String
        var address: String
        var kind: String
        var description: String { "\(name) \(address) \(kind)" }
    }

    private func units(_ devices: [RunningSystem.Device]) -> [Unit] {
        devices.map { Unit(name: $0.name, address: $0.address, kind: $0.kind) }.sorted { $0.address < $1.address }
    }

    @Test("with other units, an address that was a lamp becomes a read unit; what the user named stays")
    func otherUnits() async throws {
        try await withTemporaryDirectory { state in
            try await RunningSystem.run(state: state, unitsFrom: "127.57.1.1", units: "1+1") { system in
                let read = try #require(try await system.devices().first { $0.kind == "read" })
                #expect(try await system.send(.PATCH, "/api/devices/\(read.id)", json: ["name": "window"]).0 == 200)
            }
            try await RunningSystem.run(state: state, unitsFrom: "127.57.1.1", units: "2+1") { system in
                #expect(
                    units(try await system.devices()) == [
                        Unit(name: "window", address: "127.57.1.1", kind: "read"),
                        Unit(name: "drift-1", address: "127.57.1.2", kind: "read"),
                        Unit(name: "lamp-1", address: "127.57.1.3", kind: "updatable"),
                    ])
                try await system.waitForFreshValues()
            }
        }
    }

    @Test("a base token that was revoked is made anew, and the other token and the password stay")
    func revokedToken() async throws {
        try await withTemporaryDirectory { state in
            let first = try await RunningSystem.run(state: state, unitsFrom: "127.58.1.1", units: "1+1") { $0.ready }
            let hub = state.appending(path: "hub").path
            try await command(["hub", "token", "revoke", "--state", hub, try id(of: "baseToken", in: state)])
            try await RunningSystem.run(state: state, unitsFrom: "127.58.1.1", units: "1+1") { system in
                #expect(system.ready.token == first.token)
                #expect(system.ready.admin.password != nil)
                #expect(system.ready.admin.password == first.admin.password)
                try await system.waitForFreshValues()
            }
            try await command(["hub", "user", "password", "--state", hub])
            let changed = try await RunningSystem.run(state: state, unitsFrom: "127.58.1.1", units: "1+1") { $0.ready }
            #expect(changed.admin.password == nil)
            #expect(changed.token == first.token)
        }
    }

    /// Runs `iot` to its end, which must be a good one.
    private func command(_ arguments: [String]) async throws {
        let command = try BuiltCommand.start(arguments)
        #expect(await command.waitForEnd() == "exit code 0")
    }

    /// The id of a token that `iot up` remembers: `iot_ID_SECRET`.
    private func id(of name: String, in state: URL) throws -> String {
        let memory = try JSONSerialization.jsonObject(with: Data(contentsOf: state.appending(path: "up.json")))
        let token = try #require((memory as? [String: Any])?[name] as? String)
        return String(token.split(separator: "_")[1])
    }
}
