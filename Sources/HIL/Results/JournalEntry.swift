/// One line of what happened.
struct JournalEntry: Equatable, Codable, Sendable {
    enum Weight: String, Codable, Sendable {
        /// What a part said.
        case line
        /// A step of the suite begins or ends.
        case step
        case note, warning, failure
    }

    /// Since the run's start, on one clock that never jumps.
    let time: Duration
    let source: EventSource
    let weight: Weight
    /// One line, and printable: a board may send anything.
    let text: String
}
