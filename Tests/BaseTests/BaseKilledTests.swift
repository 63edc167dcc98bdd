import TestSupport
import Testing

/// `iot base` as a process that is killed at random moments while twenty units speak 250 times a second.
@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseKilledTests {
    private static let always = [
        "what was on the disk after a kill and never arrived: []", "there was much on the disk: true",
        "each unit's values came in order, once: true", "most of what was said arrived: true", "exit code: 0",
    ]

    @Test(
        "WH-005, WH-007: killed fifty times, nothing that it took is lost, and the hub has all once and in order; the original keeps nothing on a disk"
    )
    func hub() async throws {
        #expect(try await Findings.of("base_killed.py", "hub", within: .seconds(400)) == Self.always)
    }

    @Test(
        "WH-003, WH-004, WH-007: killed fifty times before a dashboard that fails now and then: what comes again has its key"
    )
    func dashboard() async throws {
        #expect(
            try await Findings.of("base_killed.py", "dashboard", within: .seconds(400)) == Self.always + [
                "some came again: true", "a key stands for one measurement: []",
            ])
    }
}
