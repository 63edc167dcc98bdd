/// Shows bytes as numbers, sixteen a line, with their place in the stream and as text.
struct HexDump {
    private var place = 0
    private var row: [UInt8] = []
    private static let width = 16

    /// - Returns: The lines that are full.
    mutating func take(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            row.append(byte)
            if row.count == Self.width { lines += finish() }
        }
        return lines
    }

    /// The line that is not full, if there is one; the next begins behind it.
    mutating func finish() -> [String] {
        guard !row.isEmpty else { return [] }
        defer {
            place += row.count
            row = []
        }
        let numbers = row.map { Self.hex(Int($0), 2) }.joined(separator: " ")
        let text = String(String.UnicodeScalarView(row.map { (0x20...0x7E).contains($0) ? UnicodeScalar($0) : "." }))
        let gap = String(repeating: " ", count: Self.width * 3 - 1 - numbers.count)
        return ["\(Self.hex(place, 8))  \(numbers)\(gap)  |\(text)|"]
    }

    private static func hex(_ value: Int, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
