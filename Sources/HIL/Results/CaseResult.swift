/// What became of a case: a suite at one point of its matrix.
struct CaseResult: Equatable, Codable, Sendable {
    let suite: String
    /// The suite's file, as it was given.
    let file: String
    /// The suite and the point, such as `command [terminator=CRLF]`.
    let name: String
    let variables: [String: String]
    /// From a unit of the suite to the board of the rig that played it.
    let boards: [String: String]
    let verdict: Verdict
    /// Why it was skipped, failed or could not be run.
    let reason: String?
    let attempts: [CaseAttempt]
}
