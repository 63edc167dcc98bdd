/// Why a file is no UF2 file for this chip; blocks count from 0.
public enum MalformedUF2: Error, Sendable, Equatable, CustomStringConvertible {
    case wrongLength(Int)
    case badMagic(block: Int)
    case otherFamily(block: Int, family: UInt32)
    case badSize(block: Int, bytes: Int)
    case outsideFlash(address: Int)
    /// The file announces `expected` blocks; this one is not there, or not in its place.
    case missingBlock(Int, expected: Int)
    case nothing

    public var description: String {
        switch self {
        case .wrongLength(let bytes):
            "a UF2 file is made of blocks of 512 bytes; \(bytes) bytes are no whole number of them"
        case .badMagic(let block): "block \(block) is no UF2 block"
        case .otherFamily(let block, let family):
            "block \(block) is for the chip family 0x\(String(family, radix: 16)), not for the ESP8266 (0x7eab61ed)"
        case .badSize(let block, let bytes): "block \(block) announces \(bytes) bytes; a block holds 1 to 476"
        case .missingBlock(let block, let expected):
            "block \(block) of \(expected) is missing or not in its place: the file is cut off"
        case .nothing: "there is nothing in it for the flash of an ESP8266"
        case .outsideFlash(let address): "the address 0x\(String(address, radix: 16)) lies outside of a 16 MB flash"
        }
    }
}
