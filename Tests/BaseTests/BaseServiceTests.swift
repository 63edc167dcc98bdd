import TestSupport
import Testing

/// `iot base run` under a service manager that is a plain socket.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseServiceTests {
    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base_service.py", scenario)
    }

    @Test("The manager hears when the base is ready, twice in its interval that it is well, and when it stops")
    func notices() async throws {
        #expect(
            try await findings("path") == ["the first word: READY=1\nSTATUS=0 units to read"]
                + Array(repeating: "then: WATCHDOG=1", count: 6)
                + [
                    "twice in the manager's interval: true", "it says once that it stops: 1", "exit code: 0",
                ])
    }

    @Test("The manager's socket may have an abstract name; a watchdog for another process is not fed")
    func abstractSocket() async throws {
        #expect(
            try await findings("abstract") == [
                "the first word: READY=1\nSTATUS=0 units to read", "the others: [STOPPING=1\nSTATUS=stopping]",
                "exit code: 0",
            ])
    }

    @Test("A manager that hears nothing any more is no reason to stop serving")
    func deafManager() async throws {
        #expect(try await findings("absent") == ["it goes on: true", "exit code: 0"])
    }

    @Test("While an event loop or the outbox's thread stands still the watchdog is not fed")
    func standstill() async throws {
        #expect(
            try await findings("unwell") == [
                "silent while a thread NIO-SGLTN stands still: true", "said when NIO-SGLTN runs again: WATCHDOG=1",
                "silent while a thread outbox stands still: true", "said when outbox runs again: WATCHDOG=1",
                "exit code: 0",
            ])
    }
}
