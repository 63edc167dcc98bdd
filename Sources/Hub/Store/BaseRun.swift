/// One run of a base, by which it names its measurements: 128 bits, written as 32 hex digits in lower case.
struct BaseRun: Hashable, Sendable, CustomStringConvertible {
    static let digits = 32

    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil for anything but 32 hex digits in lower case.
    init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        guard text.count == Self.digits else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for byte in text {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        self.init(high: high, low: low)
    }

    init?(_ text: String) {
        var text = text
        guard let run = text.withUTF8({ BaseRun(utf8: $0) }) else { return nil }
        self = run
    }

    var description: String { Self.text(high) + Self.text(low) }

    private static func text(_ half: UInt64) -> String {
        let digits = String(half, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
