/// The CRCs that images and packets carry.
public enum CRC32 {
    /// The usual one: polynomial EDB88320, lowest bit first, complemented before and after.
    ///
    /// - Parameter seed: The CRC of what comes before `bytes`.
    public static func of(_ bytes: some Sequence<UInt8>, after seed: UInt32 = 0) -> UInt32 {
        ~bytes.reduce(~seed) { crc, byte in
            (crc >> 8) ^ reflectedTable[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
        }
    }

    /// Of a version 2 image: the usual CRC-32, and if its highest bit is set its complement, else one more.
    public static func ofImage(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let crc = of(bytes)
        return crc & 0x8000_0000 != 0 ? ~crc : crc + 1
    }

    /// Of an Arduino application: polynomial 04C11DB7, highest bit first, beginning with all ones, no final XOR.
    public static func ofArduino(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(UInt32.max) { crc, byte in
            (crc << 8) ^ forwardTable[Int(UInt8(truncatingIfNeeded: crc >> 24) ^ byte)]
        }
    }

    private static let reflectedTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 != 0 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
    }

    private static let forwardTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { value, _ in
            value & 0x8000_0000 != 0 ? (value << 1) ^ 0x04C1_1DB7 : value << 1
        }
    }
}
