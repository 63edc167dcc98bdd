import TestSupport
import Testing

/// `iot base` as a process, met by units, a dashboard and a broker that are made of plain sockets.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseProcessTests {
    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base.py", scenario)
    }

    @Test("Units that are late, drop, fall silent or talk nonsense are read all the same, over one connection each")
    func units() async throws {
        #expect(
            try await findings("units") == [
                "a unit that was absent is read when it comes: true",
                "a unit that drops its connections is read again and again: true",
                "a half-open unit is connected anew: [true | 1]",
                "malformed lines are dropped, the others pass: [512 | 513 | 21 C | -1]",
                "a unit is never connected twice at a time: [1 | 1 | 1 | 1]", "exit code: 0",
            ])
    }

    @Test(
        "WH-001, WH-002, WH-003, WH-004, WH-007: measurements on the wire, and what becomes of them when the dashboard fails"
    )
    func webhooks() async throws {
        let path = "PUT /webhook/update-unit/127.78.2.1/"
        #expect(
            try await findings("webhooks") == [
                "request lines: [\(path)21%20C HTTP/1.1 | \(path)..%2F..%2Fx HTTP/1.1 | \(path)%C3%A9 HTTP/1.1 | "
                    + "\(path)100%25 HTTP/1.1 | \(path)a%2Fb%3Fc%23d HTTP/1.1 | \(path)512 HTTP/1.1]",
                "headers: authorization=Bearer t0k3n | content-length=0 | user-agent=iot-base",
                "keys: [1 | [1 | 2 | 3 | 4 | 5 | 6]]", "times: true",
                "values come as they are: true", "connections are kept and used again: true",
                "failures are tried again, in order: [fails | fails | fails | after-fails | cut | cut | after-cut | "
                    + "later | later | after-later | unknown | last]",
                "Retry-After is kept: true", "a refusal is told: 1", "exit code: 0",
            ])
    }

    @Test("WH-005: SIGTERM waits for what is queued; a full outbox drops the oldest")
    func queues() async throws {
        #expect(
            try await findings("drain") == ["exit code after SIGTERM: 0", "what was queued was delivered: true"])
        #expect(
            try await findings("full") == [
                "a full outbox drops the oldest, and keeps the order: [0 | [] | true]", "exit code: 0",
            ])
    }

    @Test("CH-001, CH-002, CH-003, CH-005: requests from the broker to the lamps, and what is refused")
    func requests() async throws {
        #expect(
            try await findings("requests") == [
                "handshake: GET /app/key?protocol=7&client=iot-base",
                "subscription: auth=key:signature | channel=private-requests",
                "authorization: [POST /api/broadcasting/auth HTTP/1.1 | Bearer t0k3n | "
                    + "application/x-www-form-urlencoded | socket_id=1.7&channel_name=private-requests]",
                "commands of a unit come in order, over one connection: [red\r512\r | 1]",
                "the connection stays for the dwell: true",
                "a read unit takes commands over its one connection: [1 | 1]",
                "what is not allowed or malformed reaches nobody: [red\r512\rdone\r | 0]", "each refusal is told: 16",
                "a hundred commands at once come in their order: true", "exit code: 0",
            ])
    }

    @Test("A black hole among twenty lamps delays nobody; a lamp that does not read is not left")
    func lamps() async throws {
        #expect(try await findings("crowd") == ["a black hole delays no other lamp: true", "exit code: 0"])
        #expect(
            try await findings("slow_lamp") == [
                "a lamp that does not read is not left: [1 | 1]", "it gets every byte over that connection: 1",
                "exit code: 0",
            ])
    }

    @Test("CH-004: after every outage of the broker the base is back and takes requests")
    func outages() async throws {
        let outages = ["the start", "close 4200", "close 4100", "a cut", "garbage", "a frame of 10 MB"]
        #expect(
            try await findings("outages")
                == outages.map { "requests pass after \($0): true" } + [
                    "a fragmented request passes: true", "exit code: 0",
                ])
    }

    @Test("A broker whose certificate does not fit is not spoken to")
    func tls() async throws {
        let kinds = ["self-signed", "other-name"]
        #expect(
            try await findings("tls")
                == kinds.flatMap {
                    ["a broker with a certificate that is \($0) is not spoken to: [0 | true]", "exit code: 0"]
                })
    }
}
