import Daemon
import Foundation
import GRDB
import NIOHTTP1
import TestSupport
import Testing

/// Starting, stopping, starting again.
@Suite(.timeLimit(.minutes(5)))
struct HubLifecycleTests {
    @Test("After kill -9 all that was acknowledged is there; the password is not shown again")
    func killed() async throws {
        try await withTemporaryDirectory { state in
            let (admin, values) = try await RunningHub.run(state: state) { hub in
                #expect(hub.password?.utf8.count == 20)
                let admin = try await hub.token("admin")
                let base = try await hub.token("base")
                for (name, address) in [("a", "10.0.0.1"), ("b", "10.0.0.2")] {
                    _ = try await hub.call(
                        .POST, "/api/devices", token: admin,
                        json: #"{"name":"\#(name)","kind":"read","address":"\#(address)"}"#)
                }
                _ = try await hub.call(.PUT, "/api/blocks", token: admin, json: #"{"order":[2,1]}"#)
                for value in 0..<20 {
                    _ = try await hub.call(.PUT, "/webhook/update-unit/10.0.0.1/\(value)", token: base)
                }
                kill(hub.process.processIdentifier, SIGKILL)
                return (admin, (0..<20).map { #"{"at":"TIME","value":"\#($0)"}"# }.joined(separator: ","))
            }
            try await RunningHub.run(state: state) { hub in
                #expect(hub.password == nil)
                #expect(
                    try await hub.call(.GET, "/api/devices/1/states", token: admin) == #"200 {"states":[\#(values)]}"#)
                let devices = try await hub.call(.GET, "/api/devices", token: admin)
                #expect(devices.matches(of: /"id":(\d)/).map { String($0.1) } == ["2", "1"])
            }
        }
    }

    @Test("A clean stop leaves one database file and nothing to repair")
    func cleanStop() async throws {
        try await withTemporaryDirectory { state in
            let process = try await RunningHub.run(state: state) { $0.process }
            #expect(await process.waitForEnd() == "exit code 0")
            let files = try FileManager.default.contentsOfDirectory(atPath: state.path).sorted()
            #expect(files == ["app.json", "hub.sqlite", "lock"])
        }
    }

    @Test(
        "Connections that have asked nothing yet hold no stop up; one in the middle of a request is cut, which is no error"
    )
    func stopWithConnections() async throws {
        /// How the hub ends, and whether it told that it had to cut something.
        func stopped(while sent: [String]) async throws -> (end: String?, isCut: Bool) {
            try await RunningHub.run { hub in
                let token = try await hub.token("base")
                async let errors = hub.process.errorLines?.reduce(into: [String]()) { $0.append($1) }
                let sockets = try sent.map { text in
                    let socket = try RawSocket("127.0.0.1", port: hub.port, timeout: 60)
                    socket.write(text.replacing("TOKEN", with: token))
                    return socket
                }
                // Those that came before it are served.
                _ = try await hub.call(.GET, "/api/devices")
                kill(hub.process.processIdentifier, SIGTERM)
                let end = await hub.process.waitForEnd()
                withExtendedLifetime(sockets) {}
                let isCut = (await errors ?? []).contains { $0.contains("drain.ended") }
                return (end, isCut)
            }
        }
        #expect(try await stopped(while: ["", "GET / HTT", "GET / HTTP/1.1\r\nHost: x\r\n"]) == ("exit code 0", false))
        let half =
            "POST /webhook/update-units HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 9\r\n\r\n{"
        // A request may take as long as the end of the hub: whichever limit comes first ends both.
        #expect(try await stopped(while: [half]).end == "exit code 0")
    }

    @Test("A second hub on the same state, a port that is taken and wrong options are refused with what to do")
    func refused() async throws {
        try await RunningHub.run { hub in
            func refusal(_ arguments: [String]) async throws -> (String?, [String]) {
                let other = try BuiltCommand.start(["hub", "run", "--stop-with-parent"] + arguments)
                async let errors = other.errorLines?.reduce(into: [String]()) { $0.append($1) }
                let end = await other.waitForEnd()
                return (end, (await errors ?? []).filter { $0.hasPrefix("Error: ") })
            }
            let second = try await refusal(["--port", "0", "--state", hub.state.path])
            #expect(second.0 == "exit code 1")
            #expect(
                second.1 == [
                    "Error: another hub (process \(hub.process.processIdentifier)) is running on \(hub.state.path); "
                        + "stop it, or name another directory with --state"
                ])
            try await withTemporaryDirectory { state in
                let busy = try await refusal(["--port", "\(hub.port)", "--state", state.path])
                #expect(busy.0 == "exit code 1")
                #expect(
                    busy.1 == [
                        "Error: cannot listen on 127.0.0.1, port \(hub.port): Address already in use; another program "
                            + "may have it (ss -ltnp shows which); choose another with --port (0 takes a free one)"
                    ])
                let retention = try await refusal(["--retention", "soon", "--state", state.path])
                #expect(retention.1 == ["Error: --retention must be a time such as 12h or 30d, not soon"])
                let webhook = try await refusal(["--webhook", "ftp://x", "--state", state.path])
                #expect(webhook.1 == ["Error: --webhook must be an http or https URL, not ftp://x"])
            }
        }
    }

    @Test("A state directory in which others may write is refused and left as it is")
    func openState() async throws {
        try await withTemporaryDirectory { state in
            try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: state.path)
            let hub = try BuiltCommand.start(["hub", "run", "--stop-with-parent", "--port", "0", "--state", state.path])
            async let errors = hub.errorLines?.reduce(into: [String]()) { $0.append($1) }
            #expect(await hub.waitForEnd() == "exit code 1")
            #expect(
                await errors ?? [] == [
                    "Error: cannot use \(state.path) as the state directory: others may write in it (mode 1777), and "
                        + "could replace what is kept there; name another one with --state"
                ])
            #expect(try FileManager.default.contentsOfDirectory(atPath: state.path) == [])
            let mode = try FileManager.default.attributesOfItem(atPath: state.path)[.posixPermissions] as? Int
            #expect(mode == 0o1777)
        }
    }

    @Test("A hub that cannot keep its first user ends with the reason instead of running without one")
    func firstUser() async throws {
        try await withTemporaryDirectory { state in
            try await RunningHub.run(state: state) { _ in }
            do {
                let database = try DatabaseQueue(path: state.appending(path: "hub.sqlite").path)
                try await database.write { db in
                    try db.execute(sql: "DELETE FROM users")
                    try db.execute(
                        sql: "CREATE TRIGGER full BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'no room'); END")
                }
            }
            let hub = try BuiltCommand.start([
                "hub", "run", "--stop-with-parent", "--json", "--port", "0", "--state", state.path,
            ])
            async let errors = hub.errorLines?.reduce(into: [String]()) { $0.append($1) }
            #expect(await hub.lines.reduce(into: [String]()) { $0.append($1) } == [])
            #expect(await hub.waitForEnd() == "exit code 1")
            #expect((await errors ?? []).contains { $0.hasPrefix("Error: ") && $0.contains("no room") })
        }
    }

    @Test("A database that is none is named, with what to do")
    func garbage() async throws {
        try await withTemporaryDirectory { state in
            try await RunningHub.run(state: state) { _ in }
            let file = state.appending(path: "hub.sqlite")
            try Data(repeating: 0x67, count: 8192).write(to: file)
            let hub = try BuiltCommand.start(["hub", "run", "--port", "0", "--state", state.path])
            async let errors = hub.errorLines?.reduce(into: [String]()) { $0.append($1) }
            #expect(await hub.waitForEnd() == "exit code 1")
            #expect(
                await errors ?? [] == [
                    "Error: cannot use the database \(file.path): file is not a database; put a backup in its place, or "
                        + "move it away to begin anew"
                ])
        }
    }

    @Test("Measurements older than the retention go, younger ones stay")
    func retention() async throws {
        try await withTemporaryDirectory { state in
            let admin = try await RunningHub.run(state: state) { hub in
                let admin = try await hub.token("admin")
                _ = try await hub.call(
                    .POST, "/api/devices", token: admin, json: #"{"name":"a","kind":"read","address":"10.0.0.1"}"#)
                return admin
            }
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            do {
                let database = try DatabaseQueue(path: state.appending(path: "hub.sqlite").path)
                try await database.write { db in
                    for (value, age) in [("old", 7_300_000), ("young", 3_000_000)] as [(String, Int64)] {
                        try db.execute(
                            sql: "INSERT INTO device_states (device_id, value, at) VALUES (1, ?, ?)",
                            arguments: [value, now - age])
                    }
                }
            }
            try await RunningHub.run(state: state, arguments: ["--retention", "2h"]) { hub in
                try await eventually("only the young measurement") {
                    try await hub.call(.GET, "/api/devices/1/states", token: admin)
                        == #"200 {"states":[{"at":"TIME","value":"young"}]}"#
                }
            }
        }
    }
}
