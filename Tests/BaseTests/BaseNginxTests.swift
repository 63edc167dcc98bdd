import TestSupport
import Testing

/// `iot base` as a process, before nginx.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseNginxTests {
    @Test("a server that offers HTTP/2 is spoken to in it, over one connection, with each unit's values in order")
    func http2() async throws {
        #expect(
            try await Findings.of("base_nginx.py", "http2") == [
                "protocols: [HTTP/2.0]", "each unit's values came in order, once: true", "tokens: [Bearer t0k3n]",
                "connections: 1", "exit code: 0",
            ])
    }

    @Test("a server that ends its connections now and then is spoken to in HTTP/1.1, with each unit's values in order")
    func plain() async throws {
        #expect(
            try await Findings.of("base_nginx.py", "plain") == [
                "protocols: [HTTP/1.1]", "each unit's values came in order, once: true", "tokens: [Bearer t0k3n]",
                "the most requests over one connection: 7", "most connections carry as many: true",
                "failures told: 0", "exit code: 0",
            ])
    }
}
