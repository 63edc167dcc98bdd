import TestSupport
import Testing

/// `iot base` as a process, met by failures that come in crowds, that never end, or while it stops.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseLimitsTests {
    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base_limits.py", scenario)
    }

    @Test("WH-003, WH-004: under 500s and resets each unit's values arrive in order, once, and none is lost")
    func crowdUnderFailures() async throws {
        #expect(
            try await findings("crowd_under_failures") == [
                "failures: true", "every value of every unit came once, in order: true",
                "what failed, and nothing else, was sent again: true", "exit code: 0",
            ])
    }

    @Test("A unit whose request is not answered holds no other unit up")
    func slowUnit() async throws {
        #expect(
            try await findings("slow_unit") == [
                "requests of the unit that waits, of the other: [1 | 100]", "exit code: 0",
            ])
    }

    @Test("An answer that stands still, trickles, is far too long or has an odd status holds nothing up")
    func endlessAnswers() async throws {
        #expect(
            try await findings("endless_answers") == [
                "an answer without end holds nothing up: [0 | 1 | 2 | 3 | 4 | 4 | 4 | 4 | 4 | 5]", "exit code: 0",
            ])
    }

    @Test("A unit has one connection at most, while it drops them and commands keep coming")
    func noSecondConnection() async throws {
        #expect(
            try await findings("no_second_connection") == [
                "connections at a time, while both sides end them: [1 | 1 | 1 | 1]", "what came was whole commands: []",
                "exit code: 0",
            ])
    }

    @Test("WH-005: SIGTERM delivers what is queued, whatever a command waits for")
    func stopWithABlackHole() async throws {
        #expect(
            try await findings("stop_with_a_black_hole") == [
                "exit code: 0", "what was queued was delivered: true", "the command's failure is told: [true]",
            ])
    }

    @Test("WH-005: SIGTERM ends a base whose dashboard is dead, and says what is kept")
    func stopWithADeadDashboard() async throws {
        #expect(
            try await findings("stop_with_a_dead_dashboard") == ["exit code: 0", "what is kept is told: 1"])
    }
}
