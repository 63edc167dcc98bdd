/// What one step came to.
struct StepResult: Equatable, Codable, Sendable {
    enum Outcome: Codable, Sendable, Equatable {
        case passed
        /// What was expected, and what was there.
        case failed(String)
        case infrastructure(String)
        /// The run was ended in its midst.
        case interrupted(String)
        /// One before it failed.
        case notRun
    }

    /// Where it stands in the suite's file, from 1.
    let line: Int
    let text: String
    /// Since the run's start.
    let start: Duration
    let duration: Duration
    let outcome: Outcome
}
