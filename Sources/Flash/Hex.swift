/// Numbers as people who flash write them: `0x1000`.
enum Hex {
    /// A word's bytes, lowest first.
    static func bytes(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }

    /// Words out of bytes, lowest first; what is left over at the end is left out.
    static func words(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count / 4 * 4, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    static func text(_ value: UInt32, _ digits: Int = 1) -> String {
        let text = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// A number in decimal, or with `0x` in hexadecimal; `k` or `KB` and `m` or `MB` at the end stand
    /// for 1024 and 1024 * 1024.
    static func number(_ text: String) -> Int? {
        let lower = text.lowercased()
        if lower.hasPrefix("0x") {
            let digits = lower.dropFirst(2)
            return digits.allSatisfy(\.isHexDigit) ? Int(digits, radix: 16) : nil
        }
        let (suffix, scale) = suffixes.first { lower.hasSuffix($0.0) } ?? ("", 0)
        guard let number = Int(lower.dropLast(suffix.count)), number >= 0, number <= Int.max >> 20 else { return nil }
        return number << scale
    }

    private static let suffixes = [("kb", 10), ("k", 10), ("mb", 20), ("m", 20)]
}
