import Testing

@testable import HIL

@Suite struct CaseScheduleTests {
    private static let boards = ["a", "b"].map { RigBoard(name: $0, kind: .read, driver: .simulated) }

    private static func sensors(_ count: Int) -> [GivenUnit] {
        (0..<count).map { GivenUnit(name: "s\($0)", kind: .read, abilities: []) }
    }

    private static func schedule(_ counts: Int..., jobs: Int) -> CaseSchedule {
        CaseSchedule(counts.map(sensors), on: boards, jobs: jobs)
    }

    /// All turns that there are now.
    private static func turns(_ schedule: inout CaseSchedule) -> [CaseSchedule.Turn] {
        var turns: [CaseSchedule.Turn] = []
        while let turn = schedule.next() { turns.append(turn) }
        return turns
    }

    @Test func `as many have their turn at once as there are jobs, in their order`() {
        var one = Self.schedule(1, 1, 1, jobs: 1)
        #expect(Self.turns(&one) == [.play(0, boards: ["s0": "a"])])
        #expect(one.waiting == [1, 2])
        one.ended(0)
        #expect(Self.turns(&one) == [.play(1, boards: ["s0": "a"])])
        var none = Self.schedule(0, 0, 0, jobs: 2)
        #expect(Self.turns(&none) == [.play(0, boards: [:]), .play(1, boards: [:])])
        none.ended(1)
        #expect(Self.turns(&none) == [.play(2, boards: [:])])
    }

    @Test func `a board is of one case at a time, and what needs none that is busy goes before`() {
        var schedule = Self.schedule(1, 2, 1, 1, jobs: 8)
        #expect(Self.turns(&schedule) == [.play(0, boards: ["s0": "a"]), .play(2, boards: ["s0": "b"])])
        schedule.ended(2)
        #expect(Self.turns(&schedule) == [.play(3, boards: ["s0": "b"])])
        schedule.ended(0)
        #expect(Self.turns(&schedule) == [])
        schedule.ended(3)
        #expect(Self.turns(&schedule).count == 1)
        #expect(schedule.waiting == [])
    }

    @Test func `what the rig can never play is skipped in its turn, and takes none`() {
        var schedule = Self.schedule(3, 1, 3, jobs: 1)
        let why = "the rig has too few boards for s0, s1, s2 at once: each wants one of its own"
        #expect(Self.turns(&schedule) == [.skip(0, why: why), .play(1, boards: ["s0": "a"])])
        schedule.ended(1)
        #expect(Self.turns(&schedule) == [.skip(2, why: why)])
        var over = Self.schedule(1, 1, jobs: 1)
        over.end()
        #expect(Self.turns(&over) == [])
        #expect(over.waiting == [0, 1])
    }
}
