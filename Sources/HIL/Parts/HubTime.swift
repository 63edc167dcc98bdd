import Foundation

/// Times as the hub's API writes them, `2026-01-31T12:00:00.000Z`, and milliseconds since 1970.
enum HubTime {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    static func milliseconds(_ text: String) -> Int? {
        (try? style.parse(text)).map { Int(($0.timeIntervalSince1970 * 1000).rounded()) }
    }

    static func text(_ milliseconds: Int) -> String {
        // What is written is cut off at its last digit, and a binary fraction may be a little less.
        Date(timeIntervalSince1970: (Double(milliseconds) + 0.25) / 1000).formatted(style)
    }
}
