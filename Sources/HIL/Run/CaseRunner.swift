import Foundation
import Settings
import Synchronization

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
    /// The longest that the end of all parts may take, which have limits of their own; a person may have to switch a board on.
    private static let endLimit = Duration.seconds(180)
    /// What an attempt may take beside its steps.
    static let aroundSteps = boardsLimit + endLimit + TimeLimit.usualGrace * 3

    /// What came of it: why it is no pass, and what of each step.
    struct Outcome: Sendable {
        var verdict: Verdict
        var reason: String?
        var steps: [StepResult]
    }

    func run() async -> Outcome {
        var results: [StepResult] = []
        let stage: Stage
        do {
            stage = try await Stage(suiteCase.given, boards: boards, rig: rig, bench: bench)
        } catch {
            return failure(of: error, before: results)
        }
        let outcome = await play(on: stage, &results) ?? Outcome(verdict: .passed, reason: nil, steps: results)
        // Whatever becomes of this task, what runs is stopped.
        let troubles = await Task.detached { await end(stage) }.value
        return outcome.after(troubles) { bench.tell(.runner, "steps", $0, $1) }
    }

    /// Sees that the boards are there, and does the steps.
    ///
    /// - Returns: Why it is no pass; nil where it is.
    private func play(on stage: Stage, _ results: inout [StepResult]) async -> Outcome? {
        let begin = bench.now
        do {
            try await TimeLimit.run(Self.boardsLimit, "boards") { try await stage.begin() }
        } catch HILError.failed(let why) {
            return failure(of: HILError.infrastructure("the boards are not there: \(why)"), before: results)
        } catch {
            return failure(of: error, before: results)
        }
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
                return failure(of: error, before: results, step: step, start: start)
            }
        }
        return nil
    }

    /// - Returns: What has not ended as it should, or is left where the end takes too long.
    private func end(_ stage: Stage) async -> [HILError] {
        let troubles = Mutex<[HILError]>([])
        do {
            try await TimeLimit.run(Self.endLimit, "the end") {
                let found = await stage.end()
                troubles.withLock { $0 = found }
            }
            return troubles.withLock(\.self)
        } catch {
            let left = stage.ending.isEmpty ? "" : ", there is left: " + stage.ending.joined(separator: ", ")
            let late = HILError.infrastructure("not all has ended within \(Self.endLimit.settingsText)\(left)")
            return troubles.withLock(\.self) + [late]
        }
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
        // Of what comes to its end because the run does, nothing is to be said.
        if Task.isCancelled || error is CancellationError { (verdict, why) = (.interrupted, "the run was interrupted") }
        bench.tell(.runner, "steps", why, verdict == .failed ? .failure : .warning)
        var steps = done
        if let step {
            let outcome: StepResult.Outcome =
                switch verdict {
                case .failed: .failed(why)
                case .interrupted: .interrupted(why)
                default: .infrastructure(why)
                }
            steps.append(result(step, start, outcome))
            why = "line \(step.line), \(step.text): \(why)"
        }
        for step in suiteCase.steps.dropFirst(steps.count) { steps.append(result(step, bench.now, .notRun)) }
        return Outcome(verdict: verdict, reason: why, steps: steps)
    }
}
