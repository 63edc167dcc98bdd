import TestSupport
import Testing

/// `iot base` as a process in a network of its own, in which there are units.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseDiscoveryTests {
    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base_discovery.py", scenario)
    }

    @Test("WH-008: a sweep tries each address once, says nothing, leaves the unit that is read alone, and is proposed")
    func sweep() async throws {
        #expect(
            try await findings("sweep") == [
                "what is found: [[127.79.0.1 | read | sweep] | [127.79.0.2 | updatable | sweep] | "
                    + "[127.79.0.5 | updatable | sweep] | [127.79.0.6 | unknown | sweep]]",
                "the post: [POST /webhook/found-units HTTP/1.1 | Bearer t0k3n | application/json]",
                "connections of each, and the most at once: [[1 | 1] | [1 | 1] | [1 | 1] | [2 | 2] | [1 | 1] | "
                    + "[0 | 0] | [0 | 0]]",
                "a probe says nothing: [ | ]", "the unit that is read is read on: true", "exit code: 0",
            ])
    }

    @Test("a command ends the attempt at its unit: there are never two connections")
    func command() async throws {
        #expect(
            try await findings("command") == [
                "it did not wait for the attempt: true", "connections, and the most at once: [2 | 1]", "exit code: 0",
            ])
    }

    @Test("a base that stops waits for no attempt")
    func stop() async throws {
        #expect(try await findings("stop") == ["exit code: 0", "it waits for no attempt: true"])
    }

    @Test("WH-008: what fails is told again; a dashboard that knows no found units is told so in the log, once")
    func dashboards() async throws {
        let post = "[[127.79.0.2 | unknown]]"
        #expect(
            try await findings("dashboards") == [
                "a dashboard that fails: [\(post) | \(post) | \(post)]", "what is told: [1 | 0]", "exit code: 0",
                "a dashboard that knows none: [\(post)]", "what is told: [0 | 1]", "exit code: 0",
            ])
    }

    @Test("WH-008: units that announce themselves by multicast DNS are proposed, where they are allowed and not read")
    func multicastDNS() async throws {
        #expect(
            try await findings("mdns") == [
                "what is found: [[127.79.0.30 | updatable | mdns | Hall lamp] | [127.79.0.33 | unknown | mdns | Later]]",
                "exit code: 0",
            ])
    }
}
