extension IntelHEX {
    private static let lineBytes = 16
    private static let bankBytes = 0x10000

    /// Writes pieces, which must be sorted and apart: 16 bytes a line, counted from where neighbours begin, a new base at
    /// every 64 KiB, and none where everything lies below 64 KiB. This is what esptool writes, byte for byte.
    public static func encode(_ pieces: [FlashData]) -> String {
        let runs = joined(pieces)
        let hasBases = runs.contains { $0.offset.bytes + $0.bytes.count > bankBytes }
        var base: Int?
        var lines: [String] = []
        for run in runs {
            var index = 0
            while index < run.bytes.count {
                let address = run.offset.bytes + index
                let (bank, place) = address.quotientAndRemainder(dividingBy: bankBytes)
                if hasBases, base != bank {
                    lines.append(line(.linearBase, 0, [UInt8(bank >> 8), UInt8(truncatingIfNeeded: bank)]))
                    base = bank
                }
                let count = min(lineBytes, run.bytes.count - index, bankBytes - place)
                lines.append(line(.data, place, run.bytes[index..<index + count]))
                index += count
            }
        }
        lines.append(line(.end, 0, []))
        return lines.map { $0 + "\n" }.joined()
    }

    private static func joined(_ pieces: [FlashData]) -> [FlashData] {
        pieces.reduce(into: []) { runs, piece in
            if let last = runs.last, last.offset.bytes + last.bytes.count == piece.offset.bytes {
                runs[runs.count - 1].bytes += piece.bytes
            } else {
                runs.append(piece)
            }
        }
    }

    private static func line(_ type: RecordType, _ address: Int, _ data: some Collection<UInt8>) -> String {
        let body =
            [UInt8(data.count), UInt8(address >> 8), UInt8(truncatingIfNeeded: address), type.rawValue] + Array(data)
        let sum = body.reduce(0, &+)
        var text: [UInt8] = [UInt8(ascii: ":")]
        for byte in body + [0 &- sum] { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
