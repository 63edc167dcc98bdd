import Foundation
import TestSupport
import Testing

/// What a client whose request's target is wrong is told, byte for byte.
@Suite(.timeLimit(.minutes(5)))
struct BrokerRefusalTests {
    /// The texts between the handshake and the close frame.
    private func texts(_ target: String, of hub: RunningHub) async throws -> [String] {
        let answer = try await hub.raw(
            "GET \(target) HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        let parts = try #require(answer).split(separator: "\r\n\r\n", maxSplits: 1)
        #expect(parts[0].hasPrefix("HTTP/1.1 101 "))
        return parts.count < 2 ? [] : parts[1].matches(of: /\{.*\}/).map { String($0.0) }
    }

    private func error(_ code: Int, _ message: String) -> [String] {
        [#"{"data":{"code":\#(code),"message":"\#(message)"},"event":"pusher:error"}"#]
    }

    @Test("CH-006: below protocol 6 an error event says what is wrong with path, key or version before the close")
    func refusals() async throws {
        struct App: Decodable { let key: String }
        try await RunningHub.run { hub in
            let file = hub.state.appending(path: "app.json")
            let key = try JSONDecoder().decode(App.self, from: Data(contentsOf: file)).key
            #expect(try await texts("/elsewhere?protocol=5", of: hub) == error(4005, "4005 the path was not found"))
            #expect(try await texts("/app/nobody?protocol=5", of: hub) == error(4001, "4001 the app key is not known"))
            #expect(try await texts("/app/\(key)?protocol=4", of: hub) == error(4007, "protocol not supported"))
            for target in ["/elsewhere?protocol=6", "/app/nobody"] {
                #expect(try await texts(target, of: hub) == [], "\(target)")
            }
        }
    }
}
