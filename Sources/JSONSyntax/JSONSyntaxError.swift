/// Why a text is no JSON.
public enum JSONSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    case notUTF8
    case tooDeep(limit: Int)
    /// Line and column are counted from 1, the column in bytes.
    case malformed(line: Int, column: Int, Problem)

    public enum Problem: String, Equatable, Sendable {
        case valueExpected = "a value is expected here"
        case keyExpected = "a key in double quotes is expected here"
        case colonExpected = "a colon is expected after the key"
        case commaOrBracketExpected = "a comma or ] is expected here"
        case commaOrBraceExpected = "a comma or } is expected here"
        case endExpected = "nothing may follow the value"
        case badNumber = "this is no number of JSON"
        case endlessString = "the string does not end"
        case controlCharacter = "a control character in a string must be escaped"
        case badEscape = "this is no escape of JSON"
        case halfSurrogate = "this is one half of a surrogate pair"
    }

    public var description: String {
        switch self {
        case .notUTF8: "it is not UTF-8"
        case .tooDeep(let limit): "it is nested deeper than \(limit) levels"
        case .malformed(let line, let column, let problem): "line \(line), column \(column): \(problem.rawValue)"
        }
    }
}
