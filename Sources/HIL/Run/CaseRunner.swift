import Foundation
import Settings

/// Runs one case once: its boards, its steps in order, each with its limit, and always the same end.
struct CaseRunner: Sendable {
    let suiteCase: SuiteCase
    let boards: [String: RigBoard]
    let rig: RigFile
    let bench: Bench
    let progress: @Sendable (RunProgress) -> Void
    let customSteps: [String: any CustomStep]

    /// The longest that boards may take to be there.
    private static let boardsLimit = Duration.seconds(60)

    /// What came of it: why it is no pass, and what of each step.
    struct Outcome: Sendable {
        var verdict: Verdict
        var reason: String?
        var steps: [StepResult]
    }

    func run() async -> Outcome {
        var results: [StepResult] = []
        let begin = bench.now
        let stage: Stage
        do {
            stage = try Stage(suiteCase.given, boards: boards, rig: rig, bench: bench)
        } catch {
            return failure(of: error, before: results)
        }
        var outcome: Outcome?
        do {
            try await TimeLimit.run(Self.boardsLimit, "boards") { try await stage.begin() }
        } catch HILError.failed(let why) {
            outcome = failure(of: HILError.infrastructure("the boards are not there: \(why)"), before: results)
        } catch {
            outcome = failure(of: error, before: results)
        }
        if outcome == nil {
            let performer = StepPerformer(stage: stage, customSteps: customSteps)
            for (index, step) in suiteCase.steps.enumerated() {
                progress(
                    .step(case: suiteCase.name, index: index, of: suiteCase.steps.count, text: step.text))
                bench.tell(.runner, "steps", "line \(step.line): \(step.text)", .step)
                let start = bench.now
                do {
                    let rest = suiteCase.limit - (start - begin)
                    guard rest > .zero else {
                        throw HILError.failed("the case has had its time, \(suiteCase.limit.settingsText)")
                    }
                    try await TimeLimit.run(min(step.limit, rest), step.text) {
                        try await performer.perform(step.action)
                    }
                    results.append(result(step, start, .passed))
                } catch {
                    outcome = failure(of: error, before: results, step: step, start: start)
                    break
                }
            }
        }
        // Whatever becomes of this task, what runs is stopped.
        let troubles = await Task.detached { await stage.end() }.value
        let settled = outcome ?? Outcome(verdict: .passed, reason: nil, steps: results)
        return settled.after(troubles) { bench.tell(.runner, "steps", $0, $1) }
    }

    private func result(_ step: Step, _ start: Duration, _ outcome: StepResult.Outcome) -> StepResult {
        StepResult(line: step.line, text: step.text, start: start, duration: bench.now - start, outcome: outcome)
    }

    private func failure(
        of error: any Error, before done: [StepResult], step: Step? = nil, start: Duration = .zero
    ) -> Outcome {
        var verdict = Verdict.infrastructure
        var why = "\(error)"
        if case HILError.failed(let reason) = error { (verdict, why) = (.failed, reason) }
        if error is CancellationError { why = "the run was interrupted" }
        bench.tell(.runner, "steps", why, verdict == .failed ? .failure : .warning)
        var steps = done
        if let step {
            steps.append(result(step, start, verdict == .failed ? .failed(why) : .infrastructure(why)))
            why = "line \(step.line), \(step.text): \(why)"
        }
        for step in suiteCase.steps.dropFirst(steps.count) { steps.append(result(step, bench.now, .notRun)) }
        return Outcome(verdict: verdict, reason: why, steps: steps)
    }
}
