/// Why bytes are no firmware image.
public enum MalformedImage: Error, Sendable, Equatable, CustomStringConvertible {
    case badMagic(UInt8?)
    /// The bytes end before what stands at `offset`.
    case truncated(offset: Int, needed: Int, available: Int)
    case tooManySegments(Int)
    /// A segment longer than any memory of the chip, or one whose length is no multiple of 4.
    case badSegmentLength(segment: Int, bytes: UInt32)
    case badSecondHeader(UInt8)
    case badMode(UInt8)
    case badSizeAndFrequency(UInt8)

    public var description: String {
        switch self {
        case .badMagic(let byte?):
            "the first byte is \(hex(byte)), not E9 or EA: this is no ESP8266 firmware image"
        case .badMagic(nil):
            "there are no bytes"
        case .truncated(let offset, let needed, let available):
            "the image ends at \(available) bytes, but what stands at 0x\(String(offset, radix: 16)) needs \(needed)"
        case .tooManySegments(let count):
            "the header announces \(count) segments; an ESP8266 image has 16 at most"
        case .badSegmentLength(let segment, let bytes):
            "segment \(segment + 1) announces \(bytes) bytes, which is more than any memory of the chip or no multiple of 4"
        case .badSecondHeader(let byte):
            "the inner header begins with \(hex(byte)), not E9"
        case .badMode(let byte):
            "the flash mode \(hex(byte)) is none of qio, qout, dio, dout"
        case .badSizeAndFrequency(let byte):
            "the flash size and frequency \(hex(byte)) are not known"
        }
    }

    private func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count < 2 ? "0" + digits : digits
    }
}
