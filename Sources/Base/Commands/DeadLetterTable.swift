import Foundation
import TerminalText

/// Dead letters for people.
struct DeadLetterTable {
    let text: String

    init(_ rows: [(letter: DeadLetter, isRetried: Bool)], zone: TimeZone = .current) {
        text =
            TextTable(
                ["KEY", "REFUSED", "UNIT", "VALUE", "STATUS", "WHY"],
                rows.map { row in
                    let letter = row.letter
                    return [
                        DeadLetterKey.short(letter.record.key), Self.time(letter.refusedAt, zone),
                        "\(letter.record.unit)", letter.record.measurement.text.printable.cut(to: 24),
                        letter.status == 0 ? "-" : "\(letter.status)",
                        (row.isRetried ? "to be tried again; " : "") + letter.reason,
                    ]
                }
            ).text
    }

    /// As people write it, in the zone of the machine.
    private static func time(_ milliseconds: Int64, _ zone: TimeZone) -> String {
        let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: zone)
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(style.year().month().day().time(includingFractionalSeconds: false))
    }
}
