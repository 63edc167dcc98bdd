import TestSupport
import Testing

/// What a base says of requests, as it arrives at the hub.
@Suite(.timeLimit(.minutes(5)))
struct RequestResultRoutesTests {
    private static let invalid = [
        (#"{"ip":"10.0.0.1","result":"failed","milliseconds":1}"#, "id: is missing"),
        (#"{"id":7,"result":"failed","milliseconds":1}"#, "ip: is missing"),
        (#"{"id":7,"ip":"10.0.0.1","milliseconds":1}"#, "result: is missing"),
        (#"{"id":7,"ip":"10.0.0.1","result":"failed"}"#, "milliseconds: is missing"),
        (
            #"{"id":"","ip":"10.0.0.1","result":"failed","milliseconds":1}"#,
            "id: must be a whole number, or a text of 1 to 128 bytes without control characters"
        ),
        (
            #"{"id":[7],"ip":"10.0.0.1","result":"failed","milliseconds":1}"#,
            "id: must be a whole number, or a text of 1 to 128 bytes without control characters"
        ),
        (
            #"{"id":7,"ip":"10.0.0.1","result":"sent","milliseconds":1}"#,
            "result: must be what became of the request"
        ),
        (
            #"{"id":7,"ip":"10.0.0.1","result":"failed","milliseconds":-1}"#,
            "milliseconds: must be from 0 to 86400000, not -1"
        ),
        (
            #"{"id":7,"ip":"10.0.0.1","result":"failed","milliseconds":1,"colour":"red"}"#,
            "colour: is not a key that is known here; known are: id, ip, milliseconds, reason, result"
        ),
    ]

    @Test("CH-007: results are taken from a base's token alone, kept for the device at the address, and listed")
    func results() async throws {
        try await RunningHub.run { hub in
            let base = try await hub.token("base")
            let admin = try await hub.token("admin")
            for (number, active) in [(1, true), (2, false)] {
                _ = try await hub.call(
                    .POST, "/api/devices", token: admin,
                    json:
                        #"{"name":"l\#(number)","kind":"updatable","address":"10.0.0.\#(number)","active":\#(active)}"#)
            }
            func post(_ json: String, token: String) async throws -> String {
                try await hub.call(.POST, "/webhook/request-result", token: token, json: json)
            }
            let result = #"{"id":7,"ip":"10.0.0.1","result":"acknowledged","milliseconds":12}"#
            #expect(try await post(result, token: admin) == #"200 {"recorded":true}"#)
            #expect(try await post(result, token: try await hub.token("read")).hasPrefix("403 "))
            #expect(try await post(result, token: "wrong").hasPrefix("401 "))
            #expect(
                try await post(
                    #"{"id":"x","ip":"10.0.0.1","result":"failed","reason":"gone","milliseconds":3}"#, token: base)
                    == #"200 {"recorded":true}"#)
            #expect(
                try await post(#"{"id":7,"ip":"10.0.0.2","result":"failed","milliseconds":1}"#, token: base)
                    == #"200 {"recorded":false}"#)
            #expect(
                try await post(#"{"id":7,"ip":"10.0.0.3","result":"failed","milliseconds":1}"#, token: base)
                    .hasPrefix("404 "))
            for (json, problem) in Self.invalid {
                let answer = try await post(json, token: base)
                #expect(answer.hasPrefix("422 ") && answer.contains(problem), "\(json): \(answer)")
            }
            let long =
                #"{"id":7,"ip":"10.0.0.1","result":"failed","milliseconds":1,"reason":"\#(String(repeating: "x", count: 70_000))"}"#
            #expect(try await post(long, token: base).hasPrefix("413 "))
            #expect(try await hub.call(.GET, "/api/requests", token: base).hasPrefix("403 "))
            #expect(
                try await hub.call(.GET, "/api/requests", token: admin)
                    == #"200 {"requests":[{"device":1,"request":{"at":"TIME","id":"x","milliseconds":3,"#
                    + #""reason":"gone","result":"failed"}}]}"#)
        }
    }
}
