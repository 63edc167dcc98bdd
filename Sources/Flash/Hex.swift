/// Numbers as people who flash write them: `0x1000`.
enum Hex {
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
