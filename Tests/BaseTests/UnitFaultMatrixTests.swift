import TestSupport
import Testing

/// `iot base` as a process, met by one kind of bad unit at a time. Where the original base was measured under the same
/// fault, the test's name ends with what it did.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct UnitFaultMatrixTests {
    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base_units.py", scenario)
    }

    @Test("a unit that is refused at start is tried again and served; the original never tries again")
    func refused() async throws {
        #expect(
            try await findings("refused") == [
                "the other unit is read meanwhile: 0",
                "the late unit is read and takes commands, over so many connections: [1 | 1]", "exit code: 0",
            ])
    }

    @Test("a unit that drops its connection is connected again; the original never does")
    func dropped() async throws {
        #expect(
            try await findings("dropped") == [
                "what was said before each FIN was delivered, in order: [2 | 4 | 6 | 7]",
                "connections, and at a time: [7 | 1]", "exit code: 0",
            ])
    }

    @Test(
        "black-holed units delay no other's start, measurements and commands; in the original each of them does for 134 s"
    )
    func blackHoled() async throws {
        #expect(
            try await findings("black_holed") == [
                "all others were read and commanded before a black hole's time was up: true",
                "what was said of the holes until then: []", "exit code: 0",
            ])
    }

    @Test("a black hole that becomes a unit is served; the original never tries again")
    func openedHole() async throws {
        #expect(
            try await findings("opened_hole") == [
                "it is read, over so many connections at a time: 1", "exit code: 0",
            ])
    }

    @Test("a unit that vanishes without a word is given up because of the period that was learned, and connected again")
    func gone() async throws {
        #expect(
            try await findings("gone") == [
                "it is given up because of its own period: [true]", "its values are as they were said: true",
                "exit code: 0",
            ])
    }

    @Test(
        "a unit that talks without end delays no other; in the original all wait in one queue that grows without bound")
    func talkative() async throws {
        #expect(
            try await findings("talkative") == [
                "the other's values are as they were said: true",
                "the talker's values are delivered, and none is dropped: [true | 0]", "exit code: 0",
            ])
    }

    @Test(
        "a unit that flaps is told once, probed, and told once when it is steady; the original never connects it again")
    func flapping() async throws {
        #expect(
            try await findings("flapping") == [
                "losses that are told as warnings: 3", "quarantines told, and their ends: [1 | 1]",
                "what the probes brought was delivered, in order: true", "exit code: 0",
            ])
    }

    @Test("a base that was stopped for longer than a unit may be silent gives up none of two hundred")
    func stoodStill() async throws {
        #expect(
            try await findings("stood_still") == [
                "units that were given up: 0", "connections to each: [1]", "exit code: 0",
            ])
    }
}
