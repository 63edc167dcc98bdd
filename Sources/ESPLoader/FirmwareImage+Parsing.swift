extension FirmwareImage {
    /// No segment is longer than the flash window.
    private static let longestSegment = 0x10_0000

    /// Reads an image at the start of `bytes`; what follows it is ignored.
    public static func parse(_ bytes: [UInt8]) throws(MalformedImage) -> ParsedImage {
        switch bytes.first {
        case ImageHeader.magic:
            return try parseFirst(bytes, at: 0, flashPart: nil)
        case ImageHeader.secondMagic:
            return try parseSecond(bytes)
        default:
            throw .badMagic(bytes.first)
        }
    }

    private static func parseSecond(_ bytes: [UInt8]) throws(MalformedImage) -> ParsedImage {
        _ = try ImageHeader(bytes, at: 0)
        guard bytes[1] == ImageHeader.secondMark else { throw .tooManySegments(Int(bytes[1])) }
        let (flashPart, next) = try segment(0, bytes, at: ImageHeader.bytes)
        guard next < bytes.count else {
            throw .truncated(offset: next, needed: ImageHeader.bytes, available: bytes.count)
        }
        guard bytes[next] == ImageHeader.magic else { throw .badSecondHeader(bytes[next]) }
        var parsed = try parseFirst(bytes, at: next, flashPart: flashPart)
        guard let stored = bytes.word(at: parsed.length) else {
            throw .truncated(offset: parsed.length, needed: 4, available: bytes.count)
        }
        parsed.storedCRC = stored
        parsed.computedCRC = CRC32.ofImage(bytes[..<parsed.length])
        parsed.length += 4
        return parsed
    }

    private static func parseFirst(
        _ bytes: [UInt8], at start: Int, flashPart: ImageSegment?
    ) throws(MalformedImage) -> ParsedImage {
        let header = try ImageHeader(bytes, at: start)
        let count = Int(bytes[start + 1])
        guard count <= ImageHeader.mostSegments else { throw .tooManySegments(count) }
        var segments: [ImageSegment] = []
        var offset = start + ImageHeader.bytes
        for index in 0..<count {
            let (found, next) = try segment(index, bytes, at: offset)
            segments.append(found)
            offset = next
        }
        let used = offset - start + 1
        let end = start + (used + alignment - 1) / alignment * alignment
        guard end <= bytes.count else { throw .truncated(offset: offset, needed: end - offset, available: bytes.count) }
        return ParsedImage(
            image: FirmwareImage(header: header, segments: segments, flashPart: flashPart), length: end,
            storedChecksum: bytes[end - 1], storedCRC: nil, computedCRC: 0)
    }

    private static func segment(
        _ index: Int, _ bytes: [UInt8], at offset: Int
    ) throws(MalformedImage) -> (ImageSegment, next: Int) {
        guard let address = bytes.word(at: offset), let length = bytes.word(at: offset + 4) else {
            throw .truncated(offset: offset, needed: 8, available: bytes.count)
        }
        guard length <= longestSegment, length.isMultiple(of: 4) else {
            throw .badSegmentLength(segment: index, bytes: length)
        }
        let start = offset + 8
        guard start + Int(length) <= bytes.count else {
            throw .truncated(offset: start, needed: Int(length), available: bytes.count)
        }
        return (ImageSegment(address: address, data: Array(bytes[start..<start + Int(length)])), start + Int(length))
    }
}
