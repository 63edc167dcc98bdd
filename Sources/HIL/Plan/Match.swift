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
        // Who can be played by few chooses first; where that leads nowhere, another choice is tried.
        let candidates = given.map { unit in (unit, boards.filter { Self.lacks(unit, $0).isEmpty }) }
            .sorted { $0.1.count < $1.1.count }
        if let (unit, _) = candidates.first(where: { $0.1.isEmpty }) {
            self = .lacking(Self.why(unit, boards))
            return
        }
        var taken: [String: String] = [:]
        if Self.assign(candidates[...], &taken) {
            self = .boards(taken)
        } else {
            self = .lacking(
                "the rig has too few boards for \(given.map(\.name).joined(separator: ", ")) at once: each wants one of its own"
            )
        }
    }

    private static func assign(_ rest: ArraySlice<(GivenUnit, [RigBoard])>, _ taken: inout [String: String]) -> Bool {
        guard let (unit, boards) = rest.first else { return true }
        for board in boards where !taken.values.contains(board.name) {
            taken[unit.name] = board.name
            if assign(rest.dropFirst(), &taken) { return true }
            taken[unit.name] = nil
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
