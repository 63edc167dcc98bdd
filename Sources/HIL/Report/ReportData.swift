import Foundation

/// What the report's page holds, as its script reads it: times in whole microseconds since the run's start, a journal as columns.
struct ReportData: Encodable, Equatable {
    struct Step: Encodable, Equatable {
        var line: Int
        var text: String
        var start: Int
        var duration: Int
        /// `passed`, `failed`, `infrastructure`, `interrupted`, `not-run`.
        var outcome: String
        var why: String?
    }

    struct Attempt: Encodable, Equatable {
        var verdict: String
        /// Why it is no pass.
        var reason: String?
        var start: Int
        var duration: Int
        var steps: [Step]
        /// Kind and name.
        var sources: [[String]]
        var times: [Int]
        /// Indices of `sources`.
        var from: [Int]
        /// A letter for each entry: the first one of its weight.
        var weights: String
        var texts: [String]
        /// Entries that the journal had no room for.
        var leftOut: Int
        /// Entries that the page has no room for.
        var omitted: Int
        var transcripts: [String]
    }

    struct Case: Encodable, Equatable {
        var name: String
        var file: String
        /// From unit to board, in the order of the units.
        var boards: [[String]]
        var variables: [[String]]
        var verdict: String
        var reason: String?
        var attempts: [Attempt]
    }

    var rig: String
    /// In ISO 8601.
    var started: String
    var duration: Int
    var command: [String]
    /// What is wrong with the results themselves.
    var warnings: [String]
    var cases: [Case]

    /// Entries of one attempt that a page shows.
    static let mostOfAnAttempt = 20_000
    /// Entries of all: what did not pass has them first.
    static let mostOfAll = 200_000

    init(_ run: RunResult, mostOfAnAttempt: Int = mostOfAnAttempt, mostOfAll: Int = mostOfAll) {
        rig = run.rig
        started = run.started.formatted(.iso8601)
        duration = run.duration.microseconds
        command = run.command
        warnings = run.warnings
        var room = mostOfAll
        var shown: [[Int]] = run.cases.map { $0.attempts.map { _ in 0 } }
        for wanted in [false, true] {
            for (number, one) in run.cases.enumerated() where (one.verdict == .passed) == wanted {
                for (index, attempt) in one.attempts.enumerated() {
                    shown[number][index] = min(attempt.entries.count, mostOfAnAttempt, room)
                    room -= shown[number][index]
                }
            }
        }
        cases = zip(run.cases, shown).map { Case($0, shown: $1) }
    }
}

extension ReportData.Case {
    init(_ one: CaseResult, shown: [Int]) {
        self.init(
            name: one.name, file: one.file, boards: one.boards.sorted(by: <).map { [$0, $1] },
            variables: one.variables.sorted(by: <).map { [$0, $1] }, verdict: one.verdict.rawValue, reason: one.reason,
            attempts: zip(one.attempts, shown).map { ReportData.Attempt($0, shown: $1) })
    }
}

extension ReportData.Attempt {
    init(_ attempt: CaseAttempt, shown: Int) {
        let attempt = attempt.keeping(shown)
        let entries = attempt.entries
        var places: [EventSource: Int] = [:]
        var sources: [[String]] = []
        let from = entries.map { entry in
            if let place = places[entry.source] { return place }
            places[entry.source] = sources.count
            sources.append([entry.source.kind.rawValue, entry.source.name])
            return sources.count - 1
        }
        self.init(
            verdict: attempt.verdict.rawValue, reason: attempt.reason,
            start: attempt.start.microseconds, duration: attempt.duration.microseconds,
            steps: attempt.steps.map(ReportData.Step.init), sources: sources,
            times: entries.map(\.time.microseconds), from: from,
            weights: String(entries.compactMap(\.weight.rawValue.first)), texts: entries.map(\.text),
            leftOut: attempt.leftOut, omitted: attempt.omitted,
            transcripts: attempt.transcripts)
    }
}

extension ReportData.Step {
    init(_ step: StepResult) {
        self.init(
            line: step.line, text: step.text, start: step.start.microseconds, duration: step.duration.microseconds,
            outcome: step.outcome == .notRun ? "not-run" : step.outcome.word, why: step.outcome.problem?.text)
    }
}

extension Duration {
    var microseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
    }
}
