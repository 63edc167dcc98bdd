/// Why a line of a read unit is no measurement.
public enum MalformedLine: String, Error, CaseIterable, Sendable, CustomStringConvertible {
    case empty
    case tooLong
    case controlCharacter
    case notUTF8

    public var description: String {
        switch self {
        case .empty: "the line is empty"
        case .tooLong: "the line is longer than a measurement may be"
        case .controlCharacter: "the line contains a control character"
        case .notUTF8: "the line is not UTF-8"
        }
    }
}
