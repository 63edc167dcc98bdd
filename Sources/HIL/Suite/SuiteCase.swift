/// A suite at one point of its matrix: all that is run as one.
struct SuiteCase: Equatable, Sendable {
    var suite: String
    /// The file, as it was given.
    var file: String
    /// `command [terminator=CRLF]`.
    var name: String
    var variables: [String: String]
    var given: [GivenUnit]
    var steps: [Step]
    /// The longest that all steps may take together.
    var limit: Duration
}
