import ESPLoader

/// How two files differ, by the flash's sectors.
struct SectorDiff: Equatable, Encodable {
    struct Sector: Equatable, Encodable {
        /// Where it begins in the flash (bytes).
        var address: Int
        /// How many of its bytes differ, or are in one file only.
        var different: Int
        /// The first of them (bytes from the flash's start).
        var first: Int
        /// How many bytes of it the files have.
        var compared: Int
    }

    /// Those that differ.
    var sectors: [Sector] = []
    /// How many sectors the files touch.
    var total = 0

    var different: Int { sectors.reduce(0) { $0 + $1.different } }

    init(_ one: FlatFile, _ other: FlatFile) {
        let size = FlashGeometry.sectorBytes
        let range = min(one.start, other.start)..<max(one.end, other.end)
        guard !range.isEmpty else { return }
        for number in range.lowerBound / size...(range.upperBound - 1) / size {
            let sector = (number * size..<(number + 1) * size).clamped(to: range)
            total += 1
            if one.isEqual(other, in: sector) { continue }
            let different = sector.filter { one.byte($0) != other.byte($0) }
            if let first = different.first {
                sectors.append(
                    Sector(address: number * size, different: different.count, first: first, compared: sector.count))
            }
        }
    }
}

extension FlatFile {
    /// Whether both files have the whole range, and the same in it.
    fileprivate func isEqual(_ other: FlatFile, in range: Range<Int>) -> Bool {
        guard range.lowerBound >= max(start, other.start), range.upperBound <= min(end, other.end) else { return false }
        return bytes[range.lowerBound - start..<range.upperBound - start]
            == other.bytes[range.lowerBound - other.start..<range.upperBound - other.start]
    }

    /// Nil outside of the file.
    fileprivate func byte(_ address: Int) -> UInt8? {
        (start..<end).contains(address) ? bytes[address - start] : nil
    }
}
