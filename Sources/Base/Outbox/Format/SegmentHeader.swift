/// The first bytes of a segment, all numbers little-endian:
///
///      0  magic, "iot-obox"
///      8  version
///     12  CRC-32 of bytes 0 to 11 and 16 to 39
///     16  run that has made the segment, 16 bytes
///     32  the lowest sequence that it may hold, which is its name too
///
/// Every later version keeps the magic, the version's place and the checksum's extent, so that an older program can tell
/// a newer file from a damaged one.
struct SegmentHeader: Equatable {
    static let count = 40
    static let version: UInt32 = 1
    private static let magic = Array("iot-obox".utf8)

    var run: RunID
    var first: UInt64

    enum Reading: Equatable {
        case header(SegmentHeader)
        case unknownVersion(UInt32)
        /// Fewer bytes than a header has: the power went while the segment was made.
        case torn
        case damaged
    }

    var bytes: [UInt8] {
        var bytes = Self.magic
        bytes.append(littleEndian: Self.version)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: run.high)
        bytes.append(littleEndian: run.low)
        bytes.append(littleEndian: first)
        let checksum = bytes.withUnsafeBytes(Self.checksum)
        bytes.replace(at: 12, littleEndian: checksum)
        return bytes
    }

    private static func checksum(_ header: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = Checksum()
        checksum.add(UnsafeRawBufferPointer(rebasing: header[..<12]))
        checksum.add(UnsafeRawBufferPointer(rebasing: header[16..<count]))
        return checksum.value
    }

    static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
        guard bytes.count >= count else { return .torn }
        guard bytes[..<8].elementsEqual(magic), checksum(bytes) == bytes.littleEndian(12, as: UInt32.self) else {
            return .damaged
        }
        let version = bytes.littleEndian(8, as: UInt32.self)
        guard version == Self.version else { return .unknownVersion(version) }
        return .header(
            SegmentHeader(
                run: RunID(
                    high: bytes.littleEndian(16, as: UInt64.self), low: bytes.littleEndian(24, as: UInt64.self)),
                first: bytes.littleEndian(32, as: UInt64.self)))
    }
}
