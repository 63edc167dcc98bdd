import TestSupport
import Testing

/// What a broker, or who uses it, can do to a base. Each test names what the original base does, as it was measured.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BrokerFaultTests {
    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base_requests.py", scenario)
    }

    @Test("an integer payload reaches the lamp as its text (the original throws)")
    func integerPayload() async throws {
        #expect(
            try await findings("integer_payload") == ["what the lamp heard: before\r512\rafter\r", "exit code: 0"])
    }

    @Test("a forbidden address is never dialled (the original dials any address or host name in a request)")
    func forbiddenAddress() async throws {
        #expect(
            try await findings("forbidden_address") == [
                "connections to strangers: [0 | 0]", "what the lamp heard: before\rafter\r", "exit code: 0",
            ])
    }

    @Test("a value that walks through paths stays one segment of the path (the original's request line breaks)")
    func pathTraversal() async throws {
        let path = "/webhook/update-unit/127.78.62.1/"
        #expect(
            try await findings("traversal") == [
                "request lines: [\(path)..%2F..%2Fx | \(path)%252e%252e%2Fx | \(path)a%2F..%2Fb | \(path)last]",
                "exit code: 0",
            ])
    }

    @Test(
        "after a frame of 10 MB the base is back and takes requests (the original never subscribes anew after an outage)"
    )
    func hugeFrame() async throws {
        #expect(try await findings("huge_frame") == ["what the lamp heard: before\rafter\r", "exit code: 0"])
    }

    @Test("garbage from the broker costs nothing but itself (a payload that is no text makes the original throw)")
    func garbage() async throws {
        #expect(try await findings("garbage") == ["what the lamp heard: before\rafter\r", "exit code: 0"])
    }

    @Test("a broker that is away for a while is subscribed anew (the original never is after 100 s without it)")
    func brokerAway() async throws {
        #expect(try await findings("broker_away") == ["what the lamp heard: before\rafter\r", "exit code: 0"])
    }
}
