import Foundation
import NIOHTTP1
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TokenRoutesTests {
    @Test("Tokens are made, listed without their secret and revoked, over HTTP and on the command line")
    func tokens() async throws {
        try await RunningHub.run { hub in
            let admin = try await hub.token("admin")
            let (response, body) = try await hub.send(
                .POST, "/api/tokens", token: admin, json: #"{"name":"script","ability":"read"}"#)
            struct Made: Decodable {
                let id: Int
                let token: String
            }
            let made = try JSONDecoder().decode(Made.self, from: Data(body.utf8))
            #expect(response.status.code == 201 && made.id == 2)
            #expect(try await hub.call(.GET, "/api/devices", token: made.token) == #"200 {"devices":[]}"#)
            let list = try await hub.call(.GET, "/api/tokens", token: admin)
            #expect(!list.contains("SECRET"))
            #expect(list.contains(#""ability":"read","createdAt":"TIME","id":2"#))
            #expect(try await hub.command(["token", "list"]).count == 2)
            #expect(try await hub.call(.DELETE, "/api/tokens/2", token: admin) == "204 ")
            #expect(try await hub.call(.GET, "/api/devices", token: made.token).hasPrefix("401 "))
            let base = try await hub.token("base")
            #expect(try await hub.call(.PUT, "/webhook/update-unit/10.0.0.1/5", token: base).hasPrefix("404 "))
            #expect(try await hub.command(["token", "revoke", "3"]) == [])
            try await eventually("a token revoked on the command line is refused") {
                try await hub.call(.PUT, "/webhook/update-unit/10.0.0.1/5", token: base).hasPrefix("401 ")
            }
            #expect(
                try await hub.command(["token", "revoke", "3"])
                    == ["Error: there is no token 3; iot hub token list shows those that exist"])
            #expect(
                try await hub.call(.POST, "/api/tokens", token: admin, json: #"{"ability":"root"}"#)
                    == #"422 {"error":{"code":"invalid","message":"name: is missing; ability: must be one of \"admin\", \"read\", \"base\", \"device\", not \"root\""}}"#
            )
        }
    }

    @Test("CH-005: a client that may listen is given the signature that Pusher's rule asks for")
    func channelAuthorization() async throws {
        try await RunningHub.run { hub in
            let base = try await hub.token("base")
            let read = try await hub.token("read")
            struct App: Decodable { let key, secret: String }
            let app = try JSONDecoder().decode(App.self, from: Data(contentsOf: hub.state.appending(path: "app.json")))
            func authorize(_ token: String?, _ form: String) async throws -> String {
                try await hub.call(
                    .POST, "/api/broadcasting/auth", token: token, json: form,
                    headers: ["Content-Type": "application/x-www-form-urlencoded"])
            }
            let form = "socket_id=123.456&channel_name=private-requests"
            let signature = try await openSSL(secret: app.secret, "123.456:private-requests")
            #expect(try await authorize(base, form) == #"200 {"auth":"\#(app.key):\#(signature)"}"#)
            #expect(try await authorize(nil, form).hasPrefix("401 "))
            #expect(try await authorize(read, form).contains(#""code":"channel_forbidden""#))
            #expect(
                try await authorize(base, "socket_id=123&channel_name=private-requests")
                    .contains("socket_id: must be two numbers"))
            #expect(try await authorize(base, "socket_id=1.2&channel_name=open").contains("channel_name: must be"))
            #expect(try await authorize(base, "nothing").hasPrefix("422 "))
            #expect(
                try await hub.call(
                    .POST, "/api/broadcasting/auth", token: base,
                    json: #"{"socket_id":"123.456","channel_name":"private-requests"}"#)
                    == #"200 {"auth":"\#(app.key):\#(signature)"}"#)
        }
    }

    /// HMAC-SHA256 in hex, by the openssl command.
    private func openSSL(secret: String, _ text: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = ["dgst", "-sha256", "-hmac", secret, "-hex"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let data = try await onThread { try output.fileHandleForReading.readToEnd() ?? Data() }
        return String(decoding: data, as: UTF8.self).split(separator: " ").last.map { String($0.dropLast()) } ?? ""
    }
}
