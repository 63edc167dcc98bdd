import Foundation
import TestSupport
import Testing

/// Requests that nobody means well with.
@Suite(.timeLimit(.minutes(5)))
struct HubFuzzTests {
    /// Repeatable random numbers (xorshift64*).
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return state &* 0x2545_F491_4F6C_DD1D
        }

        mutating func pick(_ choices: [String]) -> String { choices[Int.random(in: choices.indices, using: &self)] }
    }

    private static let methods = ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW", ""]
    private static let paths = [
        "/", "/index.html", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//", "/api/devices", "/api/devices/1",
        "/api/devices/99999999999999999999", "/api/devices/1/states?limit=-1", "/api/devices/1/requests", "/api/blocks",
        "/api/tokens", "/api/login", "/api/session", "/api/broadcasting/auth", "/webhook/update-unit/10.0.0.1/5",
        "/webhook/update-unit/%00/%00", "/apps/x/events", "/apps/x/channels?info=%ff", "/app/", "/app/nokey", "*",
        "http://x/",
    ]
    private static let bodies = [
        "", "{}", "[]", "null", "{", #"{"name":"\ud800"}"#, #"{"user":{"a":1},"password":[]}"#, "\u{FEFF}{}",
        #"{"order":[1e400,-0,9223372036854775808]}"#, String(repeating: "[", count: 5000),
        #"{"a":1,"a":2,"payload":"\u0000"}"#, "socket_id=%&channel_name=%zz", String(repeating: "x", count: 70_000),
    ]

    @Test("A thousand random requests are all answered, none with a fault of the hub, and the hub goes on")
    func fuzz() async throws {
        try await RunningHub.run { hub in
            let admin = try await hub.token("admin")
            _ = try await hub.call(
                .POST, "/api/devices", token: admin, json: #"{"name":"a","kind":"updatable","address":"10.0.0.1"}"#)
            var random = Random(state: 20_261_121)
            var faults: [String] = []
            for _ in 0..<1000 {
                let request = Self.request(&random, token: admin)
                let answer = try await hub.raw(request)
                let status = answer?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
                // 503 says that no base is connected.
                guard let status, status < 500 || status == 503 else {
                    faults.append("\(request.prefix(1000)) -> \(answer?.prefix(100) ?? "nothing")")
                    if faults.count == 5 { break }
                    continue
                }
            }
            #expect(faults == [])
            #expect(try await hub.call(.GET, "/api/session", token: admin).hasPrefix("200 "))
        }
    }

    @Test("Requests that come in drops are given up: a head after 15 seconds, a body after 10")
    func drops() async throws {
        try await RunningHub.run { hub in
            async let head = hub.raw("POST /api/login HTTP/1.1\r\nHost: hub\r\n")
            async let body = hub.raw(
                "POST /api/login HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
                    + "Connection: close\r\n\r\n{")
            let (bodyAnswer, headAnswer) = (try await body, try await head)
            #expect(bodyAnswer?.hasPrefix("HTTP/1.1 408 ") == true)
            #expect(headAnswer == "")
        }
    }

    private static func request(_ random: inout Random, token: String) -> String {
        let body = random.pick(bodies)
        var head = "\(random.pick(methods)) \(random.pick(paths)) HTTP/1.1\r\n"
        head += "Host: hub\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n"
        if Bool.random(using: &random) { head += "Authorization: Bearer \(token)\r\n" }
        if Bool.random(using: &random) { head += "Content-Type: application/json\r\n" }
        if Bool.random(using: &random) { head += "Cookie: iot_session=\(String(repeating: "%", count: 50))\r\n" }
        if Int.random(in: 0..<8, using: &random) == 0 { head += "X: \(String(repeating: "y", count: 3000))\r\n" }
        if Int.random(in: 0..<8, using: &random) == 0 { head += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" }
        if Int.random(in: 0..<12, using: &random) == 0 { head += "Bad Header\r\n" }
        return head + "\r\n" + body
    }
}
