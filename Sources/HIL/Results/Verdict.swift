/// What a case came to. One never passes for another.
enum Verdict: String, Codable, Sendable, CaseIterable {
    /// Every step did what it says, at the first attempt.
    case passed
    /// It failed, and passed when it was tried again.
    case flaky
    /// The rig lacks what the suite asks for; nothing was run.
    case skipped
    /// A step found something else than it says.
    case failed
    /// What the rig promises was not there, or a part did not start: nothing is known of what was to be tested.
    case infrastructure

    /// The exit code of a run in which this is the worst that came of a case.
    var exitCode: Int32 {
        switch self {
        case .passed: 0
        case .failed: 1
        case .flaky: 3
        case .infrastructure: 4
        case .skipped: 5
        }
    }

    /// From what is most worth to be told to what is least.
    static let worstFirst: [Verdict] = [.failed, .infrastructure, .flaky, .skipped, .passed]

    /// Whether it may be counted as passed for the exit code, where a person says so.
    var canBeAllowed: Bool { self == .skipped || self == .flaky }
}
