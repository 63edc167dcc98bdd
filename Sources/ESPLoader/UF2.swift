/// UF2: blocks of 512 bytes, each with up to 476 bytes of data and their address.
///
/// Source: Microsoft's UF2 specification; the ESP8266's family is 7EAB61ED.
public enum UF2 {
    static let blockBytes = 512
    static let mostData = 476
    static let firstMagic: UInt32 = 0x0A32_4655
    static let secondMagic: UInt32 = 0x9E5D_5157
    static let lastMagic: UInt32 = 0x0AB1_6F30
    static let notMainFlash: UInt32 = 0x0000_0001
    static let familyPresent: UInt32 = 0x0000_2000
    /// The family of the ESP8266.
    public static let family: UInt32 = 0x7EAB_61ED

    /// Reads a file; neighbouring blocks become one piece, blocks of other families are refused, and so is a file of which blocks are missing.
    public static func parse(_ bytes: [UInt8]) throws(MalformedUF2) -> [FlashData] {
        guard !bytes.isEmpty, bytes.count.isMultiple(of: blockBytes) else { throw .wrongLength(bytes.count) }
        var pieces: [(address: Int, bytes: [UInt8])] = []
        // The number of the next block, and how many there are in this part of the file.
        var (expected, total): (UInt32, UInt32) = (0, 0)
        for index in 0..<bytes.count / blockBytes {
            let block = Array(bytes[index * blockBytes..<(index + 1) * blockBytes])
            func word(_ offset: Int) -> UInt32 { block.word(at: offset) ?? 0 }
            guard word(0) == firstMagic, word(4) == secondMagic, word(508) == lastMagic else {
                throw .badMagic(block: index)
            }
            // Joined files count their blocks each for itself.
            guard word(20) == expected, word(24) > expected, expected == 0 || word(24) == total else {
                throw .missingBlock(index, expected: Int(expected == 0 ? word(24) : total))
            }
            total = word(24)
            expected = expected + 1 == total ? 0 : expected + 1
            let flags = word(8)
            if flags & notMainFlash != 0 { continue }
            guard flags & familyPresent == 0 || word(28) == family else {
                throw .otherFamily(block: index, family: word(28))
            }
            let size = Int(word(16))
            guard (1...mostData).contains(size) else { throw .badSize(block: index, bytes: size) }
            let address = Int(word(12))
            let data = block[32..<32 + size]
            if let last = pieces.last, last.address + last.bytes.count == address {
                pieces[pieces.count - 1].bytes += data
            } else {
                pieces.append((address, Array(data)))
            }
        }
        guard expected == 0 else { throw .missingBlock(bytes.count / blockBytes, expected: Int(total)) }
        guard !pieces.isEmpty else { throw .nothing }
        return try pieces.map { piece throws(MalformedUF2) in
            guard let offset = FlashOffset(bytes: piece.address), piece.address + piece.bytes.count <= FlashOffset.limit
            else { throw .outsideFlash(address: piece.address) }
            return FlashData(offset: offset, bytes: piece.bytes)
        }
    }

    /// Writes pieces as blocks of `dataBytes` bytes, the last one of a piece filled with zeros.
    public static func encode(_ pieces: [FlashData], dataBytes: Int = 256) -> [UInt8] {
        let blocks = pieces.flatMap { piece in
            stride(from: 0, to: piece.bytes.count, by: dataBytes).map { start in
                (piece.offset.bytes + start, Array(piece.bytes[start..<min(piece.bytes.count, start + dataBytes)]))
            }
        }
        return blocks.enumerated().flatMap { index, block in
            let (address, data) = block
            return Array(
                littleEndian: firstMagic, secondMagic, familyPresent, UInt32(address), UInt32(dataBytes), UInt32(index),
                UInt32(blocks.count), family)
                + data + [UInt8](repeating: 0, count: mostData - data.count) + Array(littleEndian: lastMagic)
        }
    }
}
