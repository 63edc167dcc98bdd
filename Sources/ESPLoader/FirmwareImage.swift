/// A firmware image as the ROM (version 1) or Espressif's second boot loader (version 2) takes it.
///
/// Version 1: header, segments, padding, and as the last byte of a 16-byte block the checksum: XOR of all segments'
/// data, beginning with EF. Version 2: another header and the part that runs from the flash, outside the checksum, then
/// a version 1 image, then a CRC-32 of everything before.
public struct FirmwareImage: Sendable, Equatable {
    public var header: ImageHeader
    /// What is copied to memory.
    public var segments: [ImageSegment]
    /// What runs from the flash; only in version 2.
    public var flashPart: ImageSegment?

    public init(header: ImageHeader, segments: [ImageSegment], flashPart: ImageSegment? = nil) {
        self.header = header
        self.segments = segments
        self.flashPart = flashPart
    }

    public var version: Int { flashPart == nil ? 1 : 2 }

    static let alignment = 16

    /// XOR over all segments' data.
    public var checksum: UInt8 {
        segments.reduce(0xEF) { $1.data.reduce($0, ^) }
    }

    /// The image's bytes. Segments are padded with zeros to a multiple of 4, the part in the flash to one of 16.
    public var encoded: [UInt8] {
        var padded = self
        padded.segments = segments.map { ImageSegment(address: $0.address, data: $0.data.padded(to: 4)) }
        var bytes: [UInt8] = []
        if let flashPart {
            let data = flashPart.data.padded(to: Self.alignment)
            bytes += header.encoded(magic: ImageHeader.secondMagic, count: ImageHeader.secondMark)
            bytes += Array(littleEndian: flashPart.address, UInt32(data.count)) + data
        }
        let inner = bytes.count
        bytes += header.encoded(magic: ImageHeader.magic, count: UInt8(segments.count))
        for segment in padded.segments {
            bytes += Array(littleEndian: segment.address, UInt32(segment.data.count)) + segment.data
        }
        let used = bytes.count - inner + 1
        bytes += [UInt8](repeating: 0, count: (Self.alignment - used % Self.alignment) % Self.alignment)
        bytes.append(padded.checksum)
        if flashPart != nil {
            bytes += Array(littleEndian: CRC32.ofImage(bytes))
        }
        return bytes
    }
}

extension Array where Element == UInt8 {
    /// With zeros up to a multiple of `alignment`.
    func padded(to alignment: Int) -> [UInt8] {
        self + [UInt8](repeating: 0, count: (alignment - count % alignment) % alignment)
    }
}
