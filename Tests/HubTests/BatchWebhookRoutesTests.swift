import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Many measurements in one request, and measurements that come again.
@Suite(.timeLimit(.minutes(5)))
struct BatchWebhookRoutesTests {
    private static let run = "00112233445566778899aabbccddeeff"

    private func withDevices<Value>(
        state: URL? = nil, _ body: (RunningHub, _ base: String, _ admin: String) async throws -> Value
    ) async throws -> Value {
        func prepared(_ hub: RunningHub) async throws -> Value {
            let (base, admin) = (try await hub.token("base"), try await hub.token("admin"))
            for (name, active) in [("1", "true"), ("2", "true"), ("3", "false")] {
                _ = try await hub.call(
                    .POST, "/api/devices", token: admin,
                    json: #"{"name":"u\#(name)","kind":"read","address":"10.0.0.\#(name)","active":\#(active)}"#)
            }
            return try await body(hub, base, admin)
        }
        guard let state else { return try await RunningHub.run { try await prepared($0) } }
        return try await RunningHub.run(state: state) { try await prepared($0) }
    }

    private func values(_ device: Int, _ hub: RunningHub, _ admin: String) async throws -> [String] {
        let answer = try await hub.call(.GET, "/api/devices/\(device)/states", token: admin)
        return answer.matches(of: /"value":"([^"]*)"/).map { String($0.1) }
    }

    @Test("OPTIONS tells a base, and nobody else, that there is the path and how many it takes")
    func options() async throws {
        try await withDevices { hub, base, _ in
            func ask(_ token: String) async throws -> [String] {
                let answer = try await hub.raw(
                    "OPTIONS /webhook/update-units HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer \(token)\r\n"
                        + "Connection: close\r\n\r\n")
                let lines = (answer ?? "no answer").split(separator: "\r\n", omittingEmptySubsequences: false)
                return lines.prefix(1).map(String.init)
                    + lines.map { $0.lowercased() }.filter { $0.hasPrefix("allow:") || $0.hasPrefix("x-most") }.sorted()
            }
            #expect(
                try await ask(base) == [
                    "HTTP/1.1 204 No Content", "allow: options, post", "x-most-measurements: 1000",
                ])
            #expect(try await ask("nonsense") == ["HTTP/1.1 401 Unauthorized"])
            let other = try await hub.call(.GET, "/webhook/update-units", token: base)
            #expect(
                other
                    == #"405 {"error":{"code":"method_not_allowed","message":"This path takes OPTIONS, POST only."}}"#)
        }
    }

    @Test("WH-009: each measurement of a request is kept in order, or refused by its place with the reason")
    func mixture() async throws {
        try await withDevices { hub, base, admin in
            let answer = try await hub.call(
                .POST, "/webhook/update-units", token: base,
                json: #"""
                    {"measurements":[{"ip":"10.0.0.1","value":"1"},{"ip":"10.0.0.2","value":"a/é\"%"},
                    {"ip":"10.0.0.9","value":"2"},{"ip":"10.0.0.3","value":"3"},{"ip":"10.0.0.1","value":"4","more":1},
                    {"ip":"10.0.0.01","value":"5"},{"ip":"10.0.0.1","value":""},{"ip":"10.0.0.1","value":"a\nb"},
                    {"ip":"10.0.0.1","value":".."},{"ip":"10.0.0.1","value":"\#(String(repeating: "x", count: 257))"},
                    {"ip":"10.0.0.1","value":"6","key":"of somebody else","age":-5}]}
                    """#)
            let unknown = "There is no such device; GET /api/devices lists those that exist."
            let reasons = [
                (2, 404, unknown), (5, 422, "ip must be an IPv4 address such as 192.168.1.20."),
                (6, 422, "The value is empty."), (7, 422, "The value contains a control character."),
                (8, 422, "The value must not be . or .. alone."), (9, 422, "The value is longer than 256 bytes."),
            ]
            let refused = reasons.map { #"{"index":\#($0),"reason":"\#($2)","status":\#($1)}"# }.joined(separator: ",")
            #expect(answer == #"200 {"recorded":4,"refused":[\#(refused)]}"#)
            #expect(try await values(1, hub, admin) == ["1", "4", "6"])
            #expect(try await values(2, hub, admin) == [#"a/é\"#])
            #expect(try await values(3, hub, admin) == [])
        }
    }

    @Test("What comes again with its key is answered and not recorded again, in both ways, and after a restart")
    func again() async throws {
        try await withTemporaryDirectory { state in
            let batch =
                #"{"measurements":["#
                + (1...3).map { #"{"key":"\#(Self.run)-\#($0)","ip":"10.0.0.1","value":"\#($0)"}"# }.joined(
                    separator: ",") + "]}"
            let single =
                "PUT /webhook/update-unit/10.0.0.1/2 HTTP/1.1\r\nHost: hub\r\nIdempotency-Key: \(Self.run)-2\r\n"
                + "Content-Length: 0\r\nConnection: close\r\n"
            func send(_ hub: RunningHub, _ base: String, _ admin: String) async throws {
                for _ in 1...2 {
                    #expect(
                        try await hub.call(.POST, "/webhook/update-units", token: base, json: batch)
                            == #"200 {"recorded":3,"refused":[]}"#)
                }
                let answer = try await hub.raw(single + "Authorization: Bearer \(base)\r\n\r\n")
                #expect(answer?.hasSuffix(#"{"recorded":true}"#) == true, "\(answer ?? "no answer")")
                #expect(try await values(1, hub, admin) == ["1", "2", "3"])
            }
            let (base, admin) = try await withDevices(state: state) { hub, base, admin in
                try await send(hub, base, admin)
                // One that was refused is no one that was recorded.
                let late = #"{"measurements":[{"key":"\#(Self.run)-4","ip":"10.0.0.4","value":"4"}]}"#
                for expected in [0, 1, 1] {
                    let answer = try await hub.call(.POST, "/webhook/update-units", token: base, json: late)
                    #expect(answer.hasPrefix(#"200 {"recorded":\#(expected),"#), "\(answer)")
                    guard expected == 0 else { continue }
                    _ = try await hub.call(
                        .POST, "/api/devices", token: admin, json: #"{"name":"u4","kind":"read","address":"10.0.0.4"}"#)
                }
                #expect(try await values(4, hub, admin) == ["4"])
                kill(hub.process.processIdentifier, SIGKILL)
                return (base, admin)
            }
            try await RunningHub.run(state: state) { try await send($0, base, admin) }
        }
    }

    @Test("A value is kept at the time at which it was taken, and what comes late is not the newest")
    func late() async throws {
        try await withDevices { hub, base, admin in
            let hour = 3_600_000
            let begin = Date()
            let answer = try await hub.call(
                .POST, "/webhook/update-units", token: base,
                json: #"""
                    {"measurements":[{"ip":"10.0.0.1","value":"new","age":0},{"ip":"10.0.0.1","value":"old","age":\#(hour)},
                    {"ip":"10.0.0.1","value":"absurd","age":9000000000000000000}]}
                    """#)
            #expect(answer == #"200 {"recorded":3,"refused":[]}"#)
            let single =
                "PUT /webhook/update-unit/10.0.0.1/older HTTP/1.1\r\nHost: hub\r\nX-Measurement-Age: \(2 * hour)\r\n"
                + "Content-Length: 0\r\nConnection: close\r\nAuthorization: Bearer \(base)\r\n\r\n"
            #expect(try await hub.raw(single)?.hasSuffix(#"{"recorded":true}"#) == true)
            let took = Date().timeIntervalSince(begin)
            let kept = try await hub.send(.GET, "/api/devices/1/states", token: admin, json: nil)
            struct Kept: Decodable {
                struct State: Decodable {
                    var value: String
                    var at: Date
                }
                var states: [State]
            }
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .custom { decoder in
                let text = try decoder.singleValueContainer().decode(String.self)
                return try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            }
            let states = try decoder.decode(Kept.self, from: Data(kept.body.utf8)).states
            #expect(states.map(\.value) == ["older", "old", "new", "absurd"])
            for (state, hours) in zip(states, [2.0, 1, 0, 0]) {
                let age = state.at.timeIntervalSince(begin) + hours * 3600
                #expect((-0.002...took + 0.002).contains(age))
            }
            let devices = try await hub.call(.GET, "/api/devices", token: admin)
            #expect(devices.contains(#""lastState":{"at":"TIME","value":"absurd"}"#), "\(devices)")
        }
    }

    @Test("Requests that are too large, or no batch, are refused as a whole")
    func refused() async throws {
        try await withDevices { hub, base, admin in
            func post(_ json: String, token: String) async throws -> String {
                String(try await hub.call(.POST, "/webhook/update-units", token: token, json: json).prefix(120))
            }
            let one = #"{"ip":"10.0.0.1","value":"1"}"#
            func many(_ count: Int, _ one: String) -> String {
                #"{"measurements":["# + [String](repeating: one, count: count).joined(separator: ",") + "]}"
            }
            let size = #"422 {"error":{"code":"invalid","message":"measurements must hold 1 to 1000 of them"}}"#
            #expect(try await post(many(1001, one), token: base) == size)
            #expect(try await post(many(0, one), token: base) == size)
            let huge = #"{"ip":"10.0.0.1","value":"\#(String(repeating: "x", count: 1 << 20))"}"#
            #expect(
                try await post(many(1, huge), token: base)
                    == #"413 {"error":{"code":"too_large","message":"The body of the request is larger than 1024 KiB."}}"#
            )
            for text in ["", "[]", "{}", #"{"measurements":5}"#, #"{"measurements":[5]}"#, "\u{1}", "[" + one] {
                #expect(try await post(text, token: base).hasPrefix(#"400 {"error":{"code":"bad_json","#), "\(text)")
            }
            #expect(try await post(many(1, one), token: base).hasPrefix("200 "))
            let reader = try await hub.token("read")
            #expect(try await post(many(1, one), token: reader).hasPrefix("403 "))
            #expect(try await values(1, hub, admin) == ["1"])
        }
    }
}
