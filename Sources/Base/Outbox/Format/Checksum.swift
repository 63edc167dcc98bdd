import CZlib

/// CRC-32 as in zlib, gzip and Ethernet: it finds every error of up to 32 bits in a row.
struct Checksum {
    private(set) var value: UInt32 = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        value = UInt32(
            truncatingIfNeeded: crc32(UInt(value), bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count)))
    }

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = Checksum()
        checksum.add(bytes)
        return checksum.value
    }
}
