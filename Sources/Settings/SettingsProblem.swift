/// One thing that is wrong with a configuration: where, what, and what would be right.
public struct SettingsProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path of the value: `cohorts[2].period`; empty for the document itself.
    public var path: String
    /// The line in the document, counted from 1, where it is known.
    public var line: Int?
    /// What is wrong and what would be right, as the end of a sentence.
    public var message: String

    public init(path: String, line: Int? = nil, message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    public var description: String {
        let place = path.isEmpty ? "the document" : path
        let lineNote = line.map { " (line \($0))" } ?? ""
        return "\(place)\(lineNote): \(message)"
    }
}
