/// What our stub tells of a sector's contents: two sums that have nothing in common, 64 bits in all.
///
/// A sector that has changed is taken for one that has not once in 2^64 times.
public struct SectorDigest: Sendable, Equatable {
    public var crc: UInt32
    /// FNV-1a with 32 bits, by little-endian words.
    public var hash: UInt32

    public init(crc: UInt32, hash: UInt32) {
        self.crc = crc
        self.hash = hash
    }

    /// - Parameter bytes: Those of a sector, or of several, one behind the other.
    public init(of bytes: [UInt8]) {
        crc = CRC32.of(bytes)
        hash = stride(from: 0, to: bytes.count, by: 4).reduce(2_166_136_261) { hash, place in
            (hash ^ (bytes.word(at: place) ?? 0)) &* 16_777_619
        }
    }

    /// Digests as they stand in an answer, one behind the other.
    public static func list(_ words: [UInt32]) -> [SectorDigest] {
        stride(from: 0, to: words.count / 2 * 2, by: 2).map { SectorDigest(crc: words[$0], hash: words[$0 + 1]) }
    }

    /// Of a sector that is erased.
    public static let blank = SectorDigest(of: [UInt8](repeating: 0xFF, count: FlashGeometry.sectorBytes))
}
