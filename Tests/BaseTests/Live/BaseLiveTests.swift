import TestSupport
import Testing

/// `iot base` as a process that streams its read units to browsers, watched by somebody else's PeerJS client.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseLiveTests {
    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base_live.py", scenario)
    }

    @Test("each measurement of a read unit streams over a peer connection, in order, at once")
    func streams() async throws {
        let of = [
            "one after the other, as the unit counts: true", "each is one that the unit has said: true",
            "at the time when the unit said it: true",
        ]
        #expect(
            try await findings("streams")
                == of + of + ["a unit that the hub does not have streams nowhere: 2", "exit code: 0"])
    }

    @Test("only the units that are named stream; without the hub the base goes on")
    func chosen() async throws {
        #expect(
            try await findings("chosen") == ["the unit that is named: [true | 20]", "places: 1", "exit code: 0"])
    }

    @Test("a dashboard that is no hub is told of, and gets its measurements")
    func stranger() async throws {
        #expect(try await findings("stranger") == ["it is told: true", "exit code: 0"])
    }
}
