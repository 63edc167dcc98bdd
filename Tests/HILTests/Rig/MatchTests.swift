import Testing

@testable import HIL

@Suite struct MatchTests {
    private let boards = [
        RigBoard(name: "s1", kind: .read, driver: .simulated), RigBoard(name: "s2", kind: .read, driver: .firmwareHost),
        RigBoard(name: "l1", kind: .lamp, driver: .simulated), RigBoard(name: "b1", kind: .read, driver: .virtualBoard),
    ]

    private func unit(_ name: String, _ kind: UnitKind?, _ abilities: Set<Ability>) -> GivenUnit {
        GivenUnit(name: name, kind: kind, abilities: abilities)
    }

    @Test("Each unit gets a board of its own, and who can be played by few goes first")
    func matches() {
        let given = [unit("any", .read, [.network]), unit("first", .read, [.originalFirmware])]
        #expect(Match(given, on: boards) == .boards(["any": "s2", "first": "s1"]))
        #expect(Match([], on: boards) == .boards([:]))
        #expect(Match([unit("x", nil, [.flash])], on: boards) == .boards(["x": "b1"]))
    }

    @Test("A unit moves to another board where that makes room, and many units are matched at once or not at all")
    func moves() {
        // Both `a` and `b` have two boards to choose from, and `c` but one of them.
        let given = [
            unit("a", .read, [.network, .serialInput]), unit("b", .read, [.serialInput]), unit("c", .read, [.flash]),
        ]
        #expect(
            Match(given, on: boards)
                == .lacking("the rig has too few boards for a, b, c at once: each wants one of its own"))
        let more = boards + [RigBoard(name: "s3", kind: .read, driver: .firmwareHost)]
        #expect(Match(given, on: more) == .boards(["a": "s2", "b": "s3", "c": "b1"]))
        let many = (0..<60).map { unit("u\($0)", .read, [.counts]) }
        let rig = (0..<59).map { RigBoard(name: "s\($0)", kind: .read, driver: .simulated) }
        guard case .lacking = Match(many, on: rig) else {
            Issue.record("60 units on 59 boards")
            return
        }
    }

    @Test("What is lacking is named, with the boards that come closest")
    func lacking() {
        #expect(
            Match([unit("x", .lamp, [.lineFeed])], on: boards) == .lacking("no board for x: l1 lacks line-feed"))
        #expect(
            Match([unit("x", .read, [.flash, .network])], on: boards)
                == .lacking("no board for x: b1 lacks network; s1 lacks flash; s2 lacks flash"))
        #expect(
            Match([unit("x", .lamp, []), unit("y", .lamp, [])], on: boards)
                == .lacking("the rig has too few boards for x, y at once: each wants one of its own"))
        #expect(Match([unit("x", .lamp, [])], on: []) == .lacking("the rig has no board for x"))
    }
}
