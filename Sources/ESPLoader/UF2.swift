import Crypto

/// UF2: blocks of 512 bytes, each with up to 476 bytes of data and their address.
///
/// Source: Microsoft's UF2 specification; the ESP8266's family is 7EAB61ED.
public enum UF2 {
    static let blockBytes = 512
    static let mostData = 476
    /// What a block holds beside an MD5 of it: address, length and the digest take 24 bytes.
    static let dataBesideDigest = 452
    static let firstMagic: UInt32 = 0x0A32_4655
    static let secondMagic: UInt32 = 0x9E5D_5157
    static let lastMagic: UInt32 = 0x0AB1_6F30
    static let notMainFlash: UInt32 = 0x0000_0001
    static let familyPresent: UInt32 = 0x0000_2000
    static let digestPresent: UInt32 = 0x0000_4000
    /// The family of the ESP8266.
    public static let family: UInt32 = 0x7EAB_61ED

    /// Reads a file; neighbouring blocks become one piece, blocks of other families are refused, and so is a file of which blocks are missing.
    public static func parse(_ bytes: [UInt8]) throws(MalformedUF2) -> [FlashData] {
        guard !bytes.isEmpty, bytes.count.isMultiple(of: blockBytes) else { throw .wrongLength(bytes.count) }
        var pieces: [(address: Int, bytes: [UInt8])] = []
        // The number of the next block, and how many there are in this part of the file.
        var (expected, total): (UInt32, UInt32) = (0, 0)
        /// Of the last piece. To look at the piece itself would copy it for every block.
        var end: Int?
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
            if address == end {
                pieces[pieces.count - 1].bytes += data
            } else {
                pieces.append((address, Array(data)))
            }
            end = address + size
        }
        guard expected == 0 else { throw .missingBlock(bytes.count / blockBytes, expected: Int(total)) }
        guard !pieces.isEmpty else { throw .nothing }
        return try pieces.map { piece throws(MalformedUF2) in
            guard let offset = FlashOffset(bytes: piece.address), piece.address + piece.bytes.count <= FlashOffset.limit
            else { throw .outsideFlash(address: piece.address) }
            return FlashData(offset: offset, bytes: piece.bytes)
        }
    }

    /// Writes pieces as blocks of up to 452 bytes, each with its MD5 behind its data; blocks count anew in every piece.
    ///
    /// This is what esptool writes, byte for byte.
    public static func encode(_ pieces: [FlashData]) -> [UInt8] {
        pieces.flatMap { piece in
            let count = (piece.bytes.count + dataBesideDigest - 1) / dataBesideDigest
            return (0..<count).flatMap { index in
                let start = index * dataBesideDigest
                let data = Array(piece.bytes[start..<min(piece.bytes.count, start + dataBesideDigest)])
                return block(data, at: UInt32(piece.offset.bytes + start), index: UInt32(index), of: UInt32(count))
            }
        }
    }

    private static func block(_ data: [UInt8], at address: UInt32, index: UInt32, of count: UInt32) -> [UInt8] {
        let header = Array(
            littleEndian: firstMagic, secondMagic, familyPresent | digestPresent, address, UInt32(data.count), index,
            count, family)
        let digest = Array(littleEndian: address, UInt32(data.count)) + Insecure.MD5.hash(data: data)
        let filler = [UInt8](repeating: 0, count: mostData - data.count - digest.count)
        return header + data + digest + filler + Array(littleEndian: lastMagic)
    }
}
