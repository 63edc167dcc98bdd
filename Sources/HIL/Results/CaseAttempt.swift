/// One go at a case.
struct CaseAttempt: Equatable, Codable, Sendable {
    let verdict: Verdict
    /// Why it is no pass; it may be that no step says it, such as at the end of all parts.
    let reason: String?
    let steps: [StepResult]
    /// Since the run's start.
    let start: Duration
    let duration: Duration
    let entries: [JournalEntry]
    /// How many entries there was no room for.
    let leftOut: Int
    /// Paths relative to the output folder.
    let transcripts: [String]
    /// How many entries are in the transcripts only.
    var omitted = 0
}
