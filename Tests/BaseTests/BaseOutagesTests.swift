import TestSupport
import Testing

/// `iot base` as a process, met by outages that last. The original's failure stands beside each: what it was measured to do.
@Suite(.timeLimit(.minutes(10)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseOutagesTests {
    private static let complete = "each unit's values came in order, none is missing: true"

    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base_outages.py", scenario, within: .seconds(300))
    }

    @Test("WH-004: 500s for a minute lose nothing; the original loses each measurement that a 500 answers")
    func failures() async throws {
        #expect(
            try await findings("failures") == [
                "a dashboard that fails is left alone: true", Self.complete, "exit code: 0",
                "it is told once, and once that it is over: 2",
            ])
    }

    @Test("20 ms an answer: 50 units of 10 a second are delivered as they speak; the original delivers 44 a second")
    func slow20ms() async throws {
        #expect(
            try await findings("slow_20ms") == [
                "20 ms each: it keeps up with 50 units of 10 a second: true",
                "no unit has two requests under way: true", Self.complete, "exit code: 0",
            ])
    }

    @Test("2 s an answer: what waits is kept; the original's queue grows without bound in its memory")
    func slow2s() async throws {
        #expect(
            try await findings("slow_2s") == [
                "2 s each: all units are served at once, and what waits is kept: [true | true]", Self.complete,
                "exit code: 0",
            ])
    }

    @Test("no answer at all, for a while: nothing is lost; the original stands still for ever")
    func never() async throws {
        #expect(try await findings("never") == [Self.complete, "exit code: 0", "it is told once: 1"])
    }

    @Test("CH-004: 100 s without the broker: requests pass afterwards; the original never subscribes again")
    func brokerAway() async throws {
        #expect(
            try await findings("broker_away") == [
                "measurements are delivered meanwhile: true", "a request passes after 100 s without the broker: true",
                Self.complete, "exit code: 0",
            ])
    }

    @Test("the wall clock jumps by a year, ahead and back: nothing is lost, dropped, or connected anew")
    func clock() async throws {
        #expect(
            try await findings("clock") == [
                "the base's clock jumped by years: [1 | -1 | 0]", "no unit was connected anew: [1 | 1 | 1 | 1 | 1]",
                "nothing was dropped: 0", Self.complete, "exit code: 0",
            ])
    }
}
