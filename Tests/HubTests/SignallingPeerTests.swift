import Foundation
import TestSupport
import Testing

/// The hub's signalling against a client of other people's making: the PyPI package websocket-client.
@Suite(.timeLimit(.minutes(5)))
struct SignallingPeerTests {
    @Test(
        "clients that speak as PeerJS does find each other, as far as token, ticket and session let them",
        .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
    func peers() async throws {
        try await RunningHub.run { hub in
            let admin = try await hub.token("admin")
            var ids: [Int] = []
            for address in ["10.0.0.1", "10.0.0.2"] {
                let json = #"{"name":"unit","kind":"read","address":"\#(address)"}"#
                let (_, body) = try await hub.send(.POST, "/api/devices", token: admin, json: json)
                struct Added: Decodable {
                    struct Device: Decodable { let id: Int }
                    let device: Device
                }
                ids.append(try JSONDecoder().decode(Added.self, from: Data(body.utf8)).device.id)
            }
            let plan: [String: Any] = [
                "host": "127.0.0.1", "port": hub.port, "device": ids[0], "other": ids[1], "admin": admin,
                "read": try await hub.token("read"), "base": try await hub.token("base"),
                "device_token": try await hub.token("device"), "session": try await session(of: hub),
            ]
            let text = String(decoding: try JSONSerialization.data(withJSONObject: plan), as: UTF8.self)
            #expect(try await PythonPeer.run("signalling.py", [text]) == Self.expected)
        }
    }

    private func session(of hub: RunningHub) async throws -> String {
        let json = #"{"user":"admin","password":"\#(hub.password ?? "")"}"#
        let (response, _) = try await hub.send(.POST, "/api/login", json: json)
        let cookie = try #require(response.headers.first(name: "Set-Cookie"))
        return String(cookie.dropFirst("iot_session=".count).prefix { $0 != ";" })
    }

    private static let expected = [
        #"{"result": [200, "iot hub signalling", 200, 36, 401, "no_discovery", ["*", "*", "*"]], "step": "over_http"}"#,
        #"{"result": [true, 403, 401, 404], "step": "tickets_are_made_by_admins"}"#,
        #"{"result": [["OFFER", "remote1", "unit-1", "dc_1"], ["ANSWER", "unit-1", "remote1", "dc_1"], "#
            + #"["CANDIDATE", "unit-1", "remote1", "dc_1"]], "step": "offer_answer_candidate"}"#,
        #"{"result": {"base as somebody": ["Invalid token provided"], "changed ticket": ["Invalid token provided"], "#
            + #""device as somebody": ["Invalid token provided"], "#
            + #""no id": ["No id, token, or key supplied to websocket server"], "#
            + #""no such device": ["Invalid token provided"], "#
            + #""no token": ["No id, token, or key supplied to websocket server"], "#
            + #""random token": ["Invalid token provided"], "reader as device": ["Invalid token provided"], "#
            + #""ticket to stream as another": ["Invalid token provided"], "#
            + #""watcher as device": ["Invalid token provided"], "wrong key": ["Invalid key provided"]}, "#
            + #""step": "refused"}"#,
        #"{"result": [["EXPIRE", "unit-2", null], ["EXPIRE", "reader", null], ["OFFER", "reader", {"n": 3}]], "#
            + #""step": "who_may_watch_what"}"#,
        #"{"result": [[{"payload": {"msg": "ID is taken"}, "type": "ID-TAKEN"}], [], "OFFER"], "#
            + #""step": "id_taken_and_replaced"}"#,
        #"{"result": [[1, 2], {"dst": "early", "src": "unit-1", "type": "EXPIRE"}, true], "step": "waits_and_expires"}"#,
        #"{"result": [{"id": "guest", "state": "joined"}, {"id": "unit-1", "state": "joined"}, "#
            + #"{"id": "guest", "state": "left"}, "OFFER"], "step": "presence"}"#,
        #"{"result": ["RELAY", "guest", {"type": "ping"}, true], "step": "relay"}"#,
        #"{"result": ["OPEN", ["Invalid token provided"]], "step": "session"}"#,
        #"{"result": ["Invalid token provided"], "step": "token_in_the_header"}"#,
        #"{"result": true, "step": "flood"}"#,
    ]
}
