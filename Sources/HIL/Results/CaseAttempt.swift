/// One go at a case.
struct CaseAttempt: Equatable, Codable, Sendable {
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
