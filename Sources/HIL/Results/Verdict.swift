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
    /// The run was ended in its midst: nothing is known of what was to be tested.
    case interrupted
    /// The run was ended before its turn.
    case notRun = "not-run"

    /// The exit code of a run in which this is the worst that came of a case.
    var exitCode: Int32 {
        switch self {
        case .passed: 0
        case .failed: 1
        case .flaky: 3
        case .infrastructure: 4
        case .skipped: 5
        case .interrupted, .notRun: 130
        }
    }

    /// For people.
    var word: String { self == .notRun ? "not run" : rawValue }

    /// From what is most worth to be told to what is least.
    static let worstFirst: [Verdict] = [.failed, .infrastructure, .interrupted, .notRun, .flaky, .skipped, .passed]

    /// Whether it may be counted as passed for the exit code, where a person says so.
    var canBeAllowed: Bool { self == .skipped || self == .flaky }

    /// What a case comes to by all that was tried, one after the other, and why.
    ///
    /// A failure stands, whatever comes after it but a pass: a board that was gone at the second attempt explains none of the first.
    static func of(_ attempts: [(verdict: Verdict, reason: String?)]) -> (verdict: Verdict, reason: String?) {
        guard let last = attempts.last else { return (.infrastructure, "nothing was tried") }
        guard let failed = attempts.last(where: { $0.verdict == .failed }) else { return last }
        switch last.verdict {
        case .passed: return (.flaky, attempts.first { $0.verdict == .failed }?.reason)
        case .failed: return last
        default:
            let after = "attempt \(attempts.count) came to \(last.verdict.word): \(last.reason ?? "")"
            return (.failed, [failed.reason, after].compactMap(\.self).joined(separator: "; "))
        }
    }
}
