import TestSupport
import Testing

/// `iot base` as a process, before nginx.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseHTTP2Tests {
    @Test("a server that offers HTTP/2 is spoken to in it, over one connection, with each unit's values in order")
    func http2() async throws {
        #expect(
            try await Findings.of("base_http2.py", "http2") == [
                "protocols: [HTTP/2.0]", "connections: 1", "each unit's values came in order, once: true",
                "exit code: 0",
            ])
    }
}
