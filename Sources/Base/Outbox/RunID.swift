/// Which opening of an outbox gave a record its sequence: 128 random bits, new each time.
///
/// Sequences could come a second time after a power cut that takes the newest files, or after somebody has put back an
/// old copy of the folder. A key with the run in it is unique even then.
public struct RunID: Hashable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new one, from the system's random numbers.
    public static func random() -> RunID {
        RunID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
    }

    /// Reads 32 hexadecimal digits; nil when it is anything else.
    public init?(_ text: some StringProtocol) {
        let digits = text.utf8
        guard digits.count == 32, digits.allSatisfy(Self.isLowerHex) else { return nil }
        guard let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16) else {
            return nil
        }
        self.init(high: high, low: low)
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// 32 hexadecimal digits, lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: 32) { digits in
            for place in 0..<16 {
                let shift = UInt64(60 - 4 * place)
                digits[place] = Self.digit(UInt8(high >> shift & 15))
                digits[16 + place] = Self.digit(UInt8(low >> shift & 15))
            }
            return 32
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
