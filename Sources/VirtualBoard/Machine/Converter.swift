/// The analogue input TOUT: eight samples of 11 bits, from which programs make 10.
///
/// Source: how public drivers start it (bit 1 of 0x60000D50), wait (bits 24 to 26 of it are 0) and read it: the samples are
/// inverted, and their low byte is compressed by 256/279 above an offset of 21.
struct Converter {
    private static let configuration: UInt32 = 0x50
    private static let firstSample: UInt32 = 0x80
    private static let samples: UInt32 = 8

    /// 0 to 1023, for 0 to 1 V.
    var value = 0
    private var kept: [UInt32: UInt32] = [:]

    func load(_ offset: UInt32) -> UInt32 {
        switch offset {
        case Self.configuration: kept[offset, default: 0] & ~(7 << 24)
        case Self.firstSample..<Self.firstSample + 4 * Self.samples: sample(Int(offset - Self.firstSample) / 4)
        default: kept[offset] ?? 0
        }
    }

    mutating func store(_ new: UInt32, _ offset: UInt32) {
        kept[offset] = new
    }

    /// The samples differ by what rounding leaves, so that their sum is right.
    private func sample(_ index: Int) -> UInt32 {
        var owed = 0
        var raw = 0
        for _ in 0...index {
            owed += 2 * value
            let wanted = min(max(0, owed), 0x7FF)
            let low = wanted & 0xFF
            let compressed = low == 0 ? 0 : (low * 256 + 278) / 279 + 21
            raw = wanted & 0x700 | compressed
            owed -= wanted & 0x700 | (compressed == 0 ? 0 : ((compressed - 21) * 279) >> 8)
        }
        return ~UInt32(raw)
    }
}
