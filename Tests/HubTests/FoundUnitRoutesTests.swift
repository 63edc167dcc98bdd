import TestSupport
import Testing

/// What a base says of units that it has found, as it arrives at the hub.
@Suite(.timeLimit(.minutes(5)))
struct FoundUnitRoutesTests {
    private static let invalid = [
        ("{}", "units: is missing"),
        (#"{"units":7}"#, "units: must be a list"),
        (#"{"units":[7]}"#, "units[0]"),
        (#"{"units":[{"kind":"read","by":"sweep","at":1}]}"#, "units[0].ip: is missing"),
        (#"{"units":[{"ip":"x","kind":"read","by":"sweep","at":1}]}"#, "units[0].ip"),
        (
            #"{"units":[{"ip":"10.0.0.1","kind":"lamp","by":"sweep","at":1}]}"#,
            #"units[0].kind: must be one of \"read\", \"updatable\", \"unknown\", not \"lamp\""#
        ),
        (#"{"units":[{"ip":"10.0.0.1","kind":"read","by":"sweep","at":-1}]}"#, "units[0].at"),
        (
            #"{"units":[{"ip":"10.0.0.1","kind":"read","by":"mdns","name":"a\nb","at":1}]}"#,
            "units[0].name: contains a control character"
        ),
        (#"{"units":[{"ip":"10.0.0.1","kind":"read","by":"mdns","at":1,"x":1}]}"#, "units[0].x: is not a key"),
    ]

    private func found(_ ip: String, _ more: String = #""kind":"read","by":"sweep""#) -> String {
        #"{"ip":"\#(ip)",\#(more),"at":1700000000000}"#
    }

    private func kept(_ ip: String, _ more: String = #""kind":"read""#, by: String = "sweep") -> String {
        #"{"at":"TIME","by":"\#(by)","ip":"\#(ip)",\#(more)}"#
    }

    @Test("WH-008: found units are taken from a base's token alone, listed newest first, added and dismissed")
    func found() async throws {
        try await RunningHub.run { hub in
            let (base, admin, read) = (
                try await hub.token("base"), try await hub.token("admin"), try await hub.token("read")
            )
            func post(_ units: [String], token: String) async throws -> String {
                try await hub.call(
                    .POST, "/webhook/found-units", token: token, json: #"{"units":[\#(units.joined(separator: ","))]}"#)
            }
            let named = found("10.0.0.2", #""kind":"updatable","by":"mdns","name":"Hall""#)
            #expect(try await post([found("10.0.0.1"), named, found("10.0.0.3")], token: base) == #"200 {"shown":3}"#)
            #expect(try await post([], token: base) == #"200 {"shown":0}"#)
            #expect(try await post([], token: read).hasPrefix("403 "))
            #expect(try await post([], token: "wrong").hasPrefix("401 "))
            let hall = kept("10.0.0.2", #""kind":"updatable","name":"Hall""#, by: "mdns")
            #expect(
                try await hub.call(.GET, "/api/found-units", token: read)
                    == #"200 {"units":[\#(kept("10.0.0.3")),\#(hall),\#(kept("10.0.0.1"))]}"#)
            #expect(try await hub.call(.GET, "/api/found-units", token: base).hasPrefix("403 "))

            _ = try await hub.call(
                .POST, "/api/devices", token: admin, json: #"{"name":"r","kind":"read","address":"10.0.0.1"}"#)
            #expect(try await hub.call(.DELETE, "/api/found-units/10.0.0.3", token: read, json: "{}").hasPrefix("403 "))
            #expect(try await hub.call(.DELETE, "/api/found-units/10.0.0.3", token: admin, json: "{}") == "204 ")
            #expect(
                try await hub.call(.DELETE, "/api/found-units/10.0.0.3", token: admin, json: "{}").contains(
                    "unknown_unit"))
            #expect(try await hub.call(.GET, "/api/found-units", token: read) == #"200 {"units":[\#(hall)]}"#)
            #expect(try await post([found("10.0.0.1"), found("10.0.0.3")], token: base) == #"200 {"shown":0}"#)
            let other = found("10.0.0.3", #""kind":"updatable","by":"sweep""#)
            #expect(try await post([other], token: base) == #"200 {"shown":1}"#)
        }
    }

    @Test("WH-008: what is not as it should be is refused whole and named, and the list has an end")
    func refused() async throws {
        try await RunningHub.run { hub in
            let (base, admin) = (try await hub.token("base"), try await hub.token("admin"))
            for (json, problem) in Self.invalid {
                let answer = try await hub.call(.POST, "/webhook/found-units", token: base, json: json)
                #expect(answer.hasPrefix("422 ") && answer.contains(problem), "\(json): \(answer)")
            }
            for third in 0..<12 {
                let units = (0..<100).map { found("10.0.\(third).\($0)") }.joined(separator: ",")
                _ = try await hub.call(.POST, "/webhook/found-units", token: base, json: #"{"units":[\#(units)]}"#)
            }
            let list = try await hub.call(.GET, "/api/found-units", token: admin)
            #expect(list.matches(of: /"ip"/).count == 1000)
            #expect(list.contains(#""10.0.11.99""#) && list.contains(#""10.0.2.0""#) && !list.contains(#""10.0.1.99""#))
        }
    }
}
