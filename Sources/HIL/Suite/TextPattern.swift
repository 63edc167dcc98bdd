import Foundation

/// What a line is looked at for.
enum TextPattern: Equatable, Sendable, CustomStringConvertible {
    /// The line has this within it.
    case text(String)
    /// The line fits this regular expression (ICU) somewhere.
    case regex(String)

    var description: String {
        switch self {
        case .text(let text): "\"\(text)\""
        case .regex(let pattern): "/\(pattern)/"
        }
    }

    /// Nil where the text is no regular expression.
    static func compiled(_ pattern: String) -> TextPattern? {
        (try? NSRegularExpression(pattern: pattern)) == nil ? nil : .regex(pattern)
    }
}
