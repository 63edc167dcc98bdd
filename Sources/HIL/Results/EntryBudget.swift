/// How many entries of journals a run keeps in memory for its report, however many cases it has; all of them are in the
/// transcripts.
///
/// Cases that passed have a room of their own, so that none of them takes that of one that did not.
struct EntryBudget {
    /// Of one attempt, and of all in the run.
    struct Room: Equatable {
        var ofAnAttempt: Int
        var ofAll: Int
    }

    private var passed: Room
    private var others: Room

    init(
        passed: Room = Room(ofAnAttempt: 5_000, ofAll: 200_000),
        others: Room = Room(ofAnAttempt: ReportData.mostOfAnAttempt, ofAll: 1_000_000)
    ) {
        self.passed = passed
        self.others = others
    }

    /// The case with as many entries as there is room for; how many are left out stands in each attempt.
    mutating func keep(_ one: CaseResult) -> CaseResult {
        let attempts = one.attempts.map { attempt in
            one.verdict == .passed ? Self.keep(attempt, &passed) : Self.keep(attempt, &others)
        }
        return CaseResult(
            suite: one.suite, file: one.file, name: one.name, variables: one.variables, boards: one.boards,
            verdict: one.verdict, reason: one.reason, attempts: attempts)
    }

    private static func keep(_ attempt: CaseAttempt, _ room: inout Room) -> CaseAttempt {
        let kept = attempt.keeping(min(room.ofAnAttempt, room.ofAll))
        room.ofAll -= kept.entries.count
        return kept
    }
}

extension CaseAttempt {
    /// With no more entries than that: what is more than a line, and of each source the newest lines, as many of one as of
    /// another, so that none that says much takes the place of those that say little.
    func keeping(_ most: Int) -> CaseAttempt {
        guard entries.count > most else { return self }
        let newest = entries.indices.reversed()
        var chosen = Set(newest.filter { entries[$0].weight != .line }.prefix(most))
        let lines = Dictionary(grouping: newest.filter { entries[$0].weight == .line }) { entries[$0].source }
        let quietFirst = lines.values.sorted { $0.count < $1.count }
        for (place, mine) in quietFirst.enumerated() {
            chosen.formUnion(mine.prefix((most - chosen.count) / (quietFirst.count - place)))
        }
        let kept = chosen.sorted().map { entries[$0] }
        return CaseAttempt(
            verdict: verdict, reason: reason, steps: steps, start: start, duration: duration, entries: kept,
            leftOut: leftOut, transcripts: transcripts, omitted: omitted + entries.count - kept.count)
    }
}
