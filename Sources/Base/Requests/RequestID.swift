import Channels

/// What a dashboard calls a request of its own, to know the result by: a whole number, or text.
enum RequestID: Hashable, Sendable {
    /// The longest text, in bytes of UTF-8.
    static let maximumBytes = 128

    case integer(Int)
    case text(String)

    /// Nil for any other kind of value, for text that is empty or too long, and for control characters in it.
    init?(_ value: JSONValue) {
        switch value {
        case .integer(let number): self = .integer(number)
        case .string(let text):
            guard (1...Self.maximumBytes).contains(text.utf8.count),
                !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else { return nil }
            self = .text(text)
        default: return nil
        }
    }

    var json: JSONValue {
        switch self {
        case .integer(let number): .integer(number)
        case .text(let text): .string(text)
        }
    }
}
