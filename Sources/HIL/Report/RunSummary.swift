/// A run for scripts, without its journals: times in seconds.
struct RunSummary: Encodable, Equatable {
    struct Step: Encodable, Equatable {
        var line: Int
        var text: String
        var seconds: Double
        var outcome: String
        var why: String?
    }

    struct Attempt: Encodable, Equatable {
        var verdict: Verdict
        var reason: String?
        var seconds: Double
        var steps: [Step]
        var transcripts: [String]
    }

    struct Case: Encodable, Equatable {
        var suite: String
        var file: String
        var name: String
        var variables: [String: String]
        var boards: [String: String]
        var verdict: Verdict
        var reason: String?
        var attempts: [Attempt]
    }

    var rig: String
    var started: String
    var seconds: Double
    var command: [String]
    /// How many cases came to each.
    var verdicts: [String: Int]
    var cases: [Case]
    /// What is wrong with the results themselves.
    var warnings: [String]

    init(_ run: RunResult) {
        rig = run.rig
        started = run.started.formatted(.iso8601)
        seconds = run.duration.seconds
        command = run.command
        warnings = run.warnings
        verdicts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0.rawValue, run.count($0)) })
        cases = run.cases.map { one in
            Case(
                suite: one.suite, file: one.file, name: one.name, variables: one.variables, boards: one.boards,
                verdict: one.verdict, reason: one.reason,
                attempts: one.attempts.map { attempt in
                    Attempt(
                        verdict: attempt.verdict, reason: attempt.reason, seconds: attempt.duration.seconds,
                        steps: attempt.steps.map {
                            Step(
                                line: $0.line, text: $0.text, seconds: $0.duration.seconds, outcome: $0.outcome.word,
                                why: $0.outcome.problem?.text)
                        }, transcripts: attempt.transcripts)
                })
        }
    }
}
