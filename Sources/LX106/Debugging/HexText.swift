/// Numbers and bytes as the remote protocol writes them: hex digits, two for a byte.
enum HexText {
    static func of(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// A register's value, its lowest byte first.
    static func of(register: UInt32) -> String {
        of((0..<4).map { UInt8(truncatingIfNeeded: register >> (8 * $0)) })
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// - Returns: Nil for what is not one to eight hex digits.
    static func number(_ text: some Collection<UInt8>) -> UInt32? {
        guard (1...8).contains(text.count) else { return nil }
        var value: UInt32 = 0
        for byte in text {
            guard let digit = digit(byte) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// - Returns: Nil for what is not pairs of hex digits.
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var upper: UInt8?
        for byte in text {
            guard let digit = digit(byte) else { return nil }
            if let first = upper {
                bytes.append(first << 4 | digit)
                upper = nil
            } else {
                upper = digit
            }
        }
        return bytes
    }
}
