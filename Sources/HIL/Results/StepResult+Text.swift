extension StepResult.Outcome {
    /// What went wrong; nil where nothing did.
    var problem: (text: String, isInfrastructure: Bool)? {
        switch self {
        case .passed, .notRun: nil
        case .failed(let text): (text, false)
        case .infrastructure(let text), .interrupted(let text): (text, true)
        }
    }

    var word: String {
        switch self {
        case .passed: "passed"
        case .failed: "failed"
        case .infrastructure: "infrastructure"
        case .interrupted: "interrupted"
        case .notRun: "not run"
        }
    }
}

extension CaseAttempt {
    /// The step that ended it before its time.
    var brokenStep: StepResult? { steps.first { $0.outcome.problem != nil } }
}
