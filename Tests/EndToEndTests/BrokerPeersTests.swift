import Foundation
import Glibc
import TestSupport
import Testing

/// The hub's broker against other people's clients: the PyPI packages pusher, pysher and websocket-client.
@Suite(.timeLimit(.minutes(5)))
struct BrokerPeersTests {
    private struct Ready: Decodable {
        var hub: URL
    }

    @Test(
        "pusher and pysher trigger, subscribe, see members and validate a webhook, and close codes are Pusher's",
        .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
    func peers() async throws {
        try await withTemporaryDirectory { state in
            let webhook = try freePort()
            let hub = try BuiltCommand.start([
                "hub", "run", "--json", "--port", "0", "--state", state.path, "--webhook",
                "http://127.0.0.1:\(webhook)/hook",
            ])
            let line = try await hub.readyLine(within: .seconds(90))
            let ready = try JSONDecoder().decode(Ready.self, from: Data(line.utf8))
            let app = try JSONDecoder().decode(
                [String: String].self, from: Data(contentsOf: state.appending(path: "app.json")))
            let plan: [String: Any] = [
                "host": "127.0.0.1", "port": try #require(ready.hub.port), "id": app["id"] ?? "",
                "key": app["key"] ?? "", "secret": app["secret"] ?? "", "webhook": webhook,
            ]
            let text = String(decoding: try JSONSerialization.data(withJSONObject: plan), as: UTF8.self)
            let lines = try await PythonPeer.run("broker.py", [text], within: .seconds(180))
            await hub.stop(within: .seconds(20))
            #expect(lines == Self.expected)
            #expect(await hub.waitForEnd() == "exit code 0")
        }
    }

    private static let greeting = #"["pusher:connection_established", ["activity_timeout", "socket_id"]]"#
    private static let expected = [
        #"{"result": ["greeting", {"text": "gr\u00fc\u00dfe"}], "step": "private_subscription_and_trigger"}"#,
        #"{"result": ["one", "two"], "step": "batch"}"#,
        #"{"result": {"added": {"user_id": "bob"}, "#
            + #""channel": {"occupied": true, "subscription_count": 2, "user_count": 2}, "#
            + #""channels": {"channels": {"presence-lab": {"user_count": 2}}}, "#
            + #""first sees": {"count": 1, "hash": {"ada": {"name": "Ada"}}, "ids": ["ada"]}, "#
            + #""users": {"users": [{"id": "ada"}, {"id": "bob"}]}}, "step": "presence_and_channel_information"}"#,
        #"{"result": ["ciphertext", "nonce"], "step": "encrypted_trigger"}"#,
        #"{"result": "PusherBadAuth", "step": "wrong_secret_is_refused"}"#,
        #"{"result": true, "step": "too_much_data_is_refused"}"#,
        #"{"result": {"no number": 4006, "no protocol": 4008, "unknown": 4007, "wrong key": 4001, "#
            + #""wrong path": 4005}, "step": "closes"}"#,
        #"{"result": {"5": \#(greeting), "6": \#(greeting), "7": \#(greeting)}, "step": "protocols"}"#,
        #"{"result": ["pusher:error", "pusher:error", "pusher:error", "pusher:pong", "pusher:pong"], "#
            + #""step": "garbage_and_ping"}"#,
        #"{"result": true, "step": "oversized_frame_ends_the_connection"}"#,
        #"{"result": [{"channel": "private-chat", "data": {"on": true}, "event": "client-typing"}, []], "#
            + #""step": "client_events"}"#,
        #"{"result": "channel_occupied", "step": "webhook_signature"}"#,
    ]

    /// A port that nothing listens on now.
    private func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                _ = bind(descriptor, raw, length)
                _ = getsockname(descriptor, raw, &length)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}
