import Foundation
import TestSupport
import Testing

@Suite("How the broker ends connections", .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BrokerLifecycleTests {
    @Test("Pings and fragments are answered, a stalled reader is cut, and the shutdown asks everybody to reconnect")
    func lifecycle() async throws {
        try await withTemporaryDirectory { directory in
            let hub = try BuiltCommand.start(
                ["hub", "run", "--stop-with-parent", "--port", "0", "--json", "--state", directory.path])
            let plan = try plan(for: try await hub.readyLine(within: .seconds(90)), directory, stalled: 1500)
            let peer = try PythonPeer.start("broker_lifecycle.py", [plan])
            var lines: [String] = []
            for await line in peer.lines {
                lines.append(line)
                if line.contains(#""waiting""#) { await hub.stop(within: .seconds(20)) }
            }
            await hub.stop(within: .seconds(10))
            #expect(await peer.waitForEnd() == "exit code 0")
            #expect(
                lines == [
                    #"{"result": ["pong", "are you there"], "step": "ping"}"#,
                    #"{"result": "pusher:pong", "step": "fragments"}"#,
                    #"{"result": 1000, "step": "own close"}"#,
                    #"{"result": {"listeners": 1, "received": 1500, "stalled": "closed"}, "step": "stalled"}"#,
                    #"{"result": null, "step": "waiting"}"#,
                    #"{"result": 4200, "step": "shutdown"}"#,
                ])
            #expect(await hub.waitForEnd() == "exit code 0")
        }
    }

    /// What the script needs to know of a hub, as JSON.
    private func plan(for readyLine: String, _ directory: URL, stalled: Int) throws -> String {
        struct Ready: Decodable { let hub: URL }
        struct App: Decodable { let id, key, secret: String }
        struct Plan: Encodable {
            let host = "127.0.0.1"
            let port: Int?
            let id, key, secret: String
            let stalled: Int
        }
        let ready = try JSONDecoder().decode(Ready.self, from: Data(readyLine.utf8))
        let app = try JSONDecoder().decode(App.self, from: Data(contentsOf: directory.appending(path: "app.json")))
        let plan = Plan(port: ready.hub.port, id: app.id, key: app.key, secret: app.secret, stalled: stalled)
        return String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
    }
}
