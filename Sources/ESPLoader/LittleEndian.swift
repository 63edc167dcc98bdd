extension Array where Element == UInt8 {
    /// The words one after the other, each with its lowest byte first.
    init(littleEndian words: UInt32...) {
        self = words.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }
}

extension RandomAccessCollection where Element == UInt8 {
    /// The 32-bit word at `offset` bytes from the start, lowest byte first; nil where the bytes end before.
    func word(at offset: Int) -> UInt32? {
        guard offset >= 0, count >= 4, offset <= count - 4 else { return nil }
        let start = index(startIndex, offsetBy: offset)
        return (0..<4).reduce(0) { $0 | UInt32(self[index(start, offsetBy: $1)]) << (8 * UInt32($1)) }
    }

    /// The 16-bit word at `offset` bytes from the start, lowest byte first; nil where the bytes end before.
    func halfWord(at offset: Int) -> UInt16? {
        guard offset >= 0, count >= 2, offset <= count - 2 else { return nil }
        let start = index(startIndex, offsetBy: offset)
        return UInt16(self[start]) | UInt16(self[index(after: start)]) << 8
    }
}
