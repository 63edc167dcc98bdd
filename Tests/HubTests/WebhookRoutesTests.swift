import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// What the base calls for each measurement, byte for byte as it arrives.
@Suite(.timeLimit(.minutes(5)))
struct WebhookRoutesTests {
    /// The status line's code and the error's code, if any, for a request target as it stands.
    private func put(_ target: String, _ hub: RunningHub, token: String) async throws -> String {
        let answer = try await hub.raw(
            "PUT \(target) HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer \(token)\r\nContent-Length: 0\r\n"
                + "Connection: close\r\n\r\n")
        let status = answer?.split(separator: " ").dropFirst().first.map(String.init) ?? "no answer"
        let message = answer?.firstMatch(of: /"message":"([^"]*)"/).map { " " + String($0.1) } ?? ""
        return status + message
    }

    private static let values = [
        ("512", "512"), ("-1", "-1"), ("1024", "1024"), ("21%20C", "21 C"), ("%2F", "/"), ("%25", "%"),
        ("%252F", "%2F"), ("a+b", "a+b"), ("%C3%A9", "é"), ("%e2%82%ac", "€"), ("%3Fx%3D1", "?x=1"),
        ("..%2F..%2Fx", "../../x"), ("%22%5C", #""\"#), ("'%3B--", "';--"), ("%3Cb%3E", "<b>"),
    ]

    private static let refusals = [
        ("192.168.1.20/%", "422 The value has a percent sign that two hex digits do not follow."),
        ("192.168.1.20/%2", "422 The value has a percent sign that two hex digits do not follow."),
        ("192.168.1.20/%zz", "422 The value has a percent sign that two hex digits do not follow."),
        ("192.168.1.20/%FF", "422 The value is not UTF-8 text."),
        ("192.168.1.20/%00", "422 The value contains a control character."),
        ("192.168.1.20/a%0D%0Ab", "422 The value contains a control character."),
        ("192.168.1.20/", "422 The value is empty."),
        ("192.168.1.20/.", "422 The value must not be . or .. alone."),
        ("192.168.1.20/%2e%2e", "422 The value must not be . or .. alone."),
        (
            "192.168.1.20/a/b",
            "422 The path must be /webhook/update-unit/IP/VALUE; in a value a slash is written as %2F."
        ),
        (
            "192.168.1.20/../../x",
            "422 The path must be /webhook/update-unit/IP/VALUE; in a value a slash is written as %2F."
        ),
        ("192.168.1.20/5?x", "422 The path has a question mark; in a value it is written as %3F."),
        ("192.168.1.20", "422 The path must be /webhook/update-unit/IP/VALUE; in a value a slash is written as %2F."),
        ("localhost/5", "422 The path must name an IPv4 address such as 192.168.1.20."),
        ("192.168.1.020/5", "422 The path must name an IPv4 address such as 192.168.1.20."),
        ("192.168.1.99/5", "404 There is no such device; GET /api/devices lists those that exist."),
    ]

    @Test(
        "WH-006: values are percent-decoded exactly once and kept as they are; all others are refused with the reason")
    func values() async throws {
        try await RunningHub.run { hub in
            let base = try await hub.token("base")
            let admin = try await hub.token("admin")
            _ = try await hub.call(
                .POST, "/api/devices", token: admin,
                json: #"{"name":"sensor","kind":"read","address":"192.168.1.20"}"#)
            for (encoded, _) in Self.values {
                #expect(
                    try await put("/webhook/update-unit/192.168.1.20/\(encoded)", hub, token: base) == "200",
                    "\(encoded)")
            }
            for (path, answer) in Self.refusals {
                #expect(try await put("/webhook/update-unit/\(path)", hub, token: base) == answer, "\(path)")
            }
            let longest = String(repeating: "9", count: 256)
            #expect(try await put("/webhook/update-unit/192.168.1.20/\(longest)", hub, token: base) == "200")
            #expect(
                try await put("/webhook/update-unit/192.168.1.20/\(longest)9", hub, token: base)
                    == "422 The value is longer than 256 bytes.")
            struct Answer: Decodable {
                struct State: Decodable { let value: String }
                let states: [State]
            }
            let body = try await hub.send(.GET, "/api/devices/1/states", token: admin).body
            let kept = try JSONDecoder().decode(Answer.self, from: Data(body.utf8)).states.map(\.value)
            #expect(kept == Self.values.map(\.1) + [longest])
        }
    }

    @Test("Five hundred measurements at once are all kept, each unit's in its order")
    func concurrent() async throws {
        try await RunningHub.run { hub in
            let base = try await hub.token("base")
            let admin = try await hub.token("admin")
            for unit in 1...10 {
                _ = try await hub.call(
                    .POST, "/api/devices", token: admin,
                    json: #"{"name":"u\#(unit)","kind":"read","address":"10.0.0.\#(unit)"}"#)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for unit in 1...10 {
                    group.addTask {
                        for value in 0..<50 {
                            let answer = try await hub.call(
                                .PUT, "/webhook/update-unit/10.0.0.\(unit)/\(value)", token: base)
                            #expect(answer == #"200 {"recorded":true}"#)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let expected = (0..<50).map { #"{"at":"TIME","value":"\#($0)"}"# }.joined(separator: ",")
            for device in 1...10 {
                let kept = try await hub.call(.GET, "/api/devices/\(device)/states", token: admin)
                #expect(kept == #"200 {"states":[\#(expected)]}"#)
            }
        }
    }

    @Test("An inactive device's measurements are answered and not kept")
    func inactive() async throws {
        try await RunningHub.run { hub in
            let base = try await hub.token("base")
            let admin = try await hub.token("admin")
            _ = try await hub.call(
                .POST, "/api/devices", token: admin,
                json: #"{"name":"u","kind":"read","address":"10.0.0.1","active":false}"#)
            #expect(
                try await hub.call(.PUT, "/webhook/update-unit/10.0.0.1/5", token: base) == #"200 {"recorded":false}"#)
            #expect(try await hub.call(.GET, "/api/devices/1/states", token: admin) == #"200 {"states":[]}"#)
        }
    }
}
