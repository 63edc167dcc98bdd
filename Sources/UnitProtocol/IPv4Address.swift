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
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { throw AddressError.notAnAddress(text) }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
                part.count == 1 || part.first != 0x30
            else { throw AddressError.notAnAddress(text) }
            let number = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
            guard number <= 255 else { throw AddressError.notAnAddress(text) }
            bits = bits << 8 | number
        }
        self.bits = bits
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
