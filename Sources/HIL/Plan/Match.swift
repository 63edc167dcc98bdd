/// Which boards of a rig play the units of a suite.
enum Match: Equatable, Sendable {
    /// From a unit to its board.
    case boards([String: String])
    /// What the rig lacks, as the reason of a skip.
    case lacking(String)
}

extension Match {
    /// Finds a board of its own for each unit.
    init(_ given: [GivenUnit], on boards: [RigBoard]) {
        // Who can be played by few chooses first.
        let candidates = given.map { unit in (unit, boards.filter { Self.lacks(unit, $0).isEmpty }.map(\.name)) }
            .sorted { $0.1.count < $1.1.count }
        if let (unit, _) = candidates.first(where: { $0.1.isEmpty }) {
            self = .lacking(Self.why(unit, boards))
            return
        }
        let choices = Dictionary(uniqueKeysWithValues: candidates.map { ($0.0.name, $0.1) })
        var players: [String: String] = [:]
        for (unit, _) in candidates {
            var seen: Set<String> = []
            guard Self.place(unit.name, choices, &players, &seen) else {
                self = .lacking(
                    "the rig has too few boards for \(given.map(\.name).joined(separator: ", ")) at once: "
                        + "each wants one of its own")
                return
            }
        }
        self = .boards(Dictionary(uniqueKeysWithValues: players.map { ($0.value, $0.key) }))
    }

    /// Gives a unit a board; one that has the board already moves to another where it can (Kuhn's algorithm).
    ///
    /// - Parameters:
    ///   - players: From a board to its unit.
    ///   - seen: Boards that were tried for this unit.
    private static func place(
        _ unit: String, _ choices: [String: [String]], _ players: inout [String: String], _ seen: inout Set<String>
    ) -> Bool {
        let wanted = choices[unit] ?? []
        if let free = wanted.first(where: { players[$0] == nil }) {
            players[free] = unit
            return true
        }
        for board in wanted where seen.insert(board).inserted {
            if let holder = players[board], !place(holder, choices, &players, &seen) { continue }
            players[board] = unit
            return true
        }
        return false
    }

    /// What a board has not that a unit asks for, in words.
    private static func lacks(_ unit: GivenUnit, _ board: RigBoard) -> [String] {
        let kind = unit.kind == nil || unit.kind == board.kind ? [] : ["being a \(unit.kind?.rawValue ?? "")"]
        return kind + unit.abilities.subtracting(board.abilities).map(\.rawValue).sorted()
    }

    private static func why(_ unit: GivenUnit, _ boards: [RigBoard]) -> String {
        let ranked = boards.map { (board: $0, lacks: lacks(unit, $0)) }
            .sorted { ($0.lacks.count, $0.board.name) < ($1.lacks.count, $1.board.name) }
        guard let least = ranked.first?.lacks.count else { return "the rig has no board for \(unit.name)" }
        let closest = ranked.filter { $0.lacks.count == least }.prefix(3)
        let words = closest.map { "\($0.board.name) lacks \($0.lacks.joined(separator: ", "))" }
        return "no board for \(unit.name): \(words.joined(separator: "; "))"
    }
}
