import TestSupport
import Testing

/// `iot base` as a process: requests that want an answer, and encrypted ones.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseRequestsTests {
    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base_requests.py", scenario)
    }

    @Test("CH-007: the dashboard is told what became of each request with an id, and of no other")
    func results() async throws {
        #expect(
            try await findings("results") == [
                "a command that arrived: id=1 | ip=127.78.50.1 | result=acknowledged", "its time: true",
                "the post: [POST /webhook/request-result HTTP/1.1 | Bearer t0k3n | application/json]",
                "a command that waited too long: [expired | it waited longer than commands.ttl and was not sent | true]",
                "an address that is not allowed: [refused | "
                    + "the address is neither listed in clients nor inside a network of allow]",
                "a payload that is none: [refused | payload: is neither a string nor a number]",
                "without an id nothing is told, and with a bad one nothing is sent: [5 | red\rgreen\rwhite\r]",
                "exit code: 0",
            ])
        #expect(
            try await findings("newest") == [
                "what became of three commands to a unit that is not there: "
                    + "[[1 | superseded] | [2 | superseded] | [3 | failed]]",
                "exit code: 0",
            ])
    }

    @Test("CH-007: results are told again until they are taken, and no command waits for that")
    func failingResults() async throws {
        #expect(
            try await findings("failing_results") == [
                "a result is told again until it is taken: [1 | 1 | 1]", "exit code: 0",
                "no command waits for a dashboard that answers nothing: true",
                "all results are told when it answers: true", "exit code: 0",
            ])
    }

    @Test(
        "CH-008, CH-009, CH-010: where encryption is required nothing passes in clear, and a changed key is asked for")
    func encrypted() async throws {
        #expect(
            try await findings("encrypted") == [
                "the subscription, which has no key in it: auth=key:signature | channel=private-encrypted-requests",
                #"requests in clear, on either channel: ["it is not encrypted, and pusher.encryption is required" | "#
                    + #""the event is not encrypted"]"#,
                "a changed key is asked for once, and nothing is lost: 1",
                "what no key opens is dropped, the next request passes: red\rgreen\rblue\rwhite\r",
                "all that was ever authorized: [private-encrypted-requests]", "exit code: 0",
            ])
        #expect(
            try await findings("preferred") == [
                "both channels are subscribed: [private-encrypted-requests | private-requests]",
                "requests pass either way: true", "exit code: 0",
            ])
    }

    @Test("CH-008: PyPI's pusher and the hub's own form send encrypted requests through the hub to the lamp")
    func throughHub() async throws {
        #expect(
            try await findings("through_hub") == [
                "the hub sees its base: true", "the channel: [true]",
                "a request of PyPI's pusher reaches the lamp: red\r",
                "its result at the hub: acknowledged", "the hub's own form: [true | 1]",
                "its result names the request: true",
                "with another master key, or in clear, nothing passes: red\rblue\r", "exit codes: [0 | 0]",
            ])
        #expect(
            try await findings("new_master_key") == [
                "requests before and after: red\rblue\r", "refused: 0", "exit codes: [0 | 0 | 0]",
            ])
    }
}
