import Foundation

/// What became of a run.
struct RunResult: Equatable, Codable, Sendable {
    /// The rig's name.
    let rig: String
    let started: Date
    let duration: Duration
    /// The command line.
    let command: [String]
    let cases: [CaseResult]
    /// What is wrong with the results themselves.
    var warnings: [String] = []

    /// The exit code of the worst verdict; a run without cases has passed. One that was ended before its time tells that.
    ///
    /// A run that has played nothing has not passed, whatever is allowed: it says nothing, and a rig that is not meant may be why.
    ///
    /// - Parameter allowing: Verdicts that count as passed here; only ``Verdict/canBeAllowed`` ones do.
    func exitCode(allowing: Set<Verdict>) -> Int32 {
        let found = Set(cases.map(\.verdict)).filter { !(allowing.contains($0) && $0.canBeAllowed) }
        if let ended = [Verdict.interrupted, .notRun].first(where: found.contains) { return ended.exitCode }
        if !cases.isEmpty, cases.allSatisfy({ $0.verdict == .skipped }) { return Verdict.skipped.exitCode }
        return Verdict.worstFirst.first(where: found.contains)?.exitCode ?? 0
    }

    /// How many cases came to it.
    func count(_ verdict: Verdict) -> Int { cases.count { $0.verdict == verdict } }
}
