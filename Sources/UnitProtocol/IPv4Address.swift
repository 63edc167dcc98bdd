/// An IPv4 address; units speak nothing else.
public struct IPv4Address: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The address as a number, most significant byte first: 127.0.0.1 is 0x7F000001.
    public var bits: UInt32

    public init(bits: UInt32) {
        self.bits = bits
    }

    /// Reads the dotted form: four decimal numbers from 0 to 255 without leading zeros (some readers take those as octal).
    ///
    /// - Throws: ``AddressError`` that quotes the text.
    public init(_ text: String) throws {
        var bytes = text
        guard let address = bytes.withUTF8({ IPv4Address(utf8: $0) }) else { throw AddressError.notAnAddress(text) }
        self = address
    }

    /// Reads the dotted form from its bytes; nil for anything else.
    public init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        var (bits, number): (UInt32, UInt32) = (0, 0)
        var (digits, points) = (0, 0)
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let startsWithZero = digits > 0 && number == 0
                number = number * 10 + UInt32(byte - UInt8(ascii: "0"))
                digits += 1
                guard number <= 255, !startsWithZero else { return nil }
            case UInt8(ascii: "."):
                points += 1
                guard digits > 0, points <= 3 else { return nil }
                bits = bits << 8 | number
                (number, digits) = (0, 0)
            default: return nil
            }
        }
        guard digits > 0, points == 3 else { return nil }
        self.bits = bits << 8 | number
    }

    public var description: String {
        "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    }

    public static func < (left: IPv4Address, right: IPv4Address) -> Bool {
        left.bits < right.bits
    }

    /// The address `offset` places further; nil past 255.255.255.255.
    public func advanced(by offset: UInt32) -> IPv4Address? {
        let (sum, overflow) = bits.addingReportingOverflow(offset)
        return overflow ? nil : IPv4Address(bits: sum)
    }
}
