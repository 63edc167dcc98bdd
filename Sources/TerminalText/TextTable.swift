/// Rows for people: columns as wide as they must be, two spaces between them, nothing at the end of a line. What devices and
/// programs say of themselves never reaches the terminal as it is.
public struct TextTable {
    /// All lines, each with its end.
    public let text: String

    /// - Parameters:
    ///   - header: The names of the columns.
    ///   - rows: As many cells each as there are columns.
    public init(_ header: [String], _ rows: [[String]]) {
        let rows = ([header] + rows).map { $0.map(\.printable) }
        let widths = header.indices.map { column in rows.map { $0[column].columns }.max() ?? 0 }
        text = rows.map { row in
            var line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.columns) }.joined(
                separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
