/// Intel HEX: lines `:LLAAAATT…CC` of data with their addresses.
///
/// Source: Intel's hexadecimal object file format specification, revision A.
public enum IntelHEX {
    enum RecordType: UInt8 {
        case data = 0
        case end = 1
        case segmentBase = 2
        case segmentStart = 3
        case linearBase = 4
        case linearStart = 5
    }

    /// Reads a file; neighbouring records become one piece.
    public static func parse(_ text: String) throws(MalformedHEX) -> [FlashData] {
        var pieces: [(address: Int, bytes: [UInt8])] = []
        /// Of the last piece. To look at the piece itself would copy it for every record.
        var end: Int?
        var base = 0
        var hasEnded = false
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let trimmed = line.trimming { $0.isWhitespace }
            if trimmed.isEmpty { continue }
            let number = index + 1
            guard !hasEnded else { throw .afterEnd(line: number) }
            let record = try bytes(of: trimmed, line: number)
            let data = Array(record[4..<record.count - 1])
            let address = Int(record[1]) << 8 | Int(record[2])
            switch RecordType(rawValue: record[3]) {
            case .data:
                if data.isEmpty { continue }
                if base + address == end {
                    pieces[pieces.count - 1].bytes += data
                } else {
                    pieces.append((base + address, data))
                }
                end = base + address + data.count
            case .end:
                hasEnded = true
            case .segmentBase where data.count == 2:
                base = (Int(data[0]) << 8 | Int(data[1])) << 4
            case .linearBase where data.count == 2:
                base = (Int(data[0]) << 8 | Int(data[1])) << 16
            case .segmentStart, .linearStart:
                break
            default:
                throw .badRecord(line: number)
            }
        }
        guard hasEnded else { throw .noEnd }
        guard !pieces.isEmpty else { throw .nothing }
        return try pieces.map { piece throws(MalformedHEX) in
            guard let offset = FlashOffset(bytes: piece.address), piece.address + piece.bytes.count <= FlashOffset.limit
            else { throw .outsideFlash(address: piece.address) }
            return FlashData(offset: offset, bytes: piece.bytes)
        }
    }

    /// Of one line: a colon and twice the bytes of count, address, type, data and checksum.
    public static let longestRecord = 1 + 2 * (5 + 255)

    /// Whether the line is a whole record with a right checksum.
    public static func isRecord(_ line: String) -> Bool { (try? bytes(of: line[...], line: 1)) != nil }

    private static func bytes(of line: Substring, line number: Int) throws(MalformedHEX) -> [UInt8] {
        guard line.first == ":" else { throw .noColon(line: number) }
        let digits = Array(line.dropFirst().utf8)
        guard digits.count.isMultiple(of: 2), digits.count >= 10 else { throw .badRecord(line: number) }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Character(UnicodeScalar(digits[index])).hexDigitValue,
                let low = Character(UnicodeScalar(digits[index + 1])).hexDigitValue
            else { throw .badRecord(line: number) }
            bytes.append(UInt8(high << 4 | low))
        }
        guard bytes.count == Int(bytes[0]) + 5 else { throw .badRecord(line: number) }
        guard bytes.reduce(0, &+) == 0 else { throw .badChecksum(line: number) }
        return bytes
    }
}

extension Substring {
    fileprivate func trimming(_ isDropped: (Character) -> Bool) -> Substring {
        var rest = drop(while: isDropped)
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return rest
    }
}
