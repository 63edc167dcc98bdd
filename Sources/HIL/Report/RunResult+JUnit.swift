import Foundation
import JUnit
import TerminalText

/// Results for CI servers: a failure is a `failure`, what was not there an `error`, a skip a `skipped` with its reason; a flaky
/// case has passed, with a `flakyFailure` for each attempt that had not. A case in whose midst the run was ended is an `error`, one
/// whose turn had not come a `skipped`. ``Verdict`` itself is the property `verdict`.
extension RunResult {
    /// Lines of the journal that a case shows.
    static let junitTail = 200

    var junit: JUnitReport {
        var names: [String] = []
        var bySuite: [String: [CaseResult]] = [:]
        for one in cases {
            if bySuite[one.suite] == nil { names.append(one.suite) }
            bySuite[one.suite, default: []].append(one)
        }
        let suites = names.map { name in
            let cases = bySuite[name] ?? []
            let begin = cases.flatMap(\.attempts).map(\.start).min() ?? .zero
            return JUnitSuite(
                name: name.printable,
                timestamp: started.addingTimeInterval(begin.seconds).formatted(
                    .iso8601.year().month().day().time(includingFractionalSeconds: false)),
                seconds: cases.reduce(0) { $0 + $1.seconds }, cases: cases.map { $0.junit(rig: rig) })
        }
        return JUnitReport(name: "iot hil, rig \(rig.printable)", suites: suites)
    }
}

extension CaseResult {
    /// What all attempts took.
    var seconds: Double { attempts.reduce(0) { $0 + $1.duration.seconds } }

    fileprivate func junit(rig: String) -> JUnitCase {
        var properties = [("verdict", verdict.rawValue), ("rig", rig), ("file", file)]
        properties += boards.sorted(by: <).map { ("board.\($0)", $1) }
        properties += variables.sorted(by: <).map { ("variable.\($0)", $1) }
        properties.append(("attempts", "\(attempts.count)"))
        properties += attempts.flatMap(\.transcripts).map { ("transcript", $0) }
        return JUnitCase(
            name: name.printable, seconds: seconds,
            properties: properties.map { ($0.0.printable, $0.1.printable) }, outcome: outcome, output: output)
    }

    private var outcome: JUnitCase.Outcome {
        switch verdict {
        case .passed: return .passed()
        case .flaky: return .passed(after: attempts.dropLast().map(\.problem))
        case .skipped, .notRun: return .skipped((reason ?? "").printable)
        case .failed, .infrastructure, .interrupted:
            var problems = attempts.map(\.problem)
            let first = problems.isEmpty ? JUnitCase.Problem("") : problems.removeFirst()
            // The verdict is that of all attempts; the first may have come to something else.
            return .wrong(
                JUnitCase.Problem(
                    reason?.printable ?? first.message, details: first.details, isError: verdict != .failed),
                again: problems)
        }
    }

    /// The end of the last attempt's journal.
    private var output: String {
        guard let last = attempts.last, !last.entries.isEmpty else { return "" }
        let tail = last.entries.suffix(RunResult.junitTail)
        let missing = last.entries.count - tail.count + last.omitted + last.leftOut
        let head = missing > 0 ? "... \(missing) lines more, see the transcripts\n" : ""
        return head
            + tail.map { "\($0.time.stamp) \($0.source.kind.rawValue) \($0.source.name): \($0.text)\n".shown }.joined()
    }
}

extension CaseAttempt {
    fileprivate var problem: JUnitCase.Problem {
        let lines = steps.map { step in
            let why = step.outcome.problem.map { ": \($0.text)" } ?? ""
            return "line \(step.line): \(step.text): \(step.outcome.word)\(why)".printable
        }
        // What the boards or the end of all parts have come to is no step's.
        let why =
            brokenStep.map { "line \($0.line): \($0.text): \($0.outcome.problem?.text ?? "")" } ?? reason
            ?? verdict.word
        return JUnitCase.Problem(
            why.printable, details: lines.joined(separator: "\n"), isError: verdict != .failed)
    }
}

extension String {
    /// One line that is printable, with its line feed.
    fileprivate var shown: String { String(dropLast()).printable + "\n" }
}
