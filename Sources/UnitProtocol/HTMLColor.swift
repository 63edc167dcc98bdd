/// Colours as a lamp's firmware reads them: `HtmlColor::Parse` of NeoPixelBus 2.8 with its full table of names.
public enum HTMLColor {
    private static let longestName = 20
    private static let mostDigits = 7

    /// Reads `#abc`, `#aabbcc`, or a colour's name in any case.
    ///
    /// What follows the colour is ignored once a character shows that the colour has ended: for digits any that is not
    /// hexadecimal, for a name any that is neither letter nor digit (`red\n` and `red;x` are red).
    ///
    /// - Parameter bytes: A command without its terminator.
    /// - Returns: nil when there is no colour at the very start.
    public static func parse(_ bytes: some Collection<UInt8>) -> Color? {
        bytes.first == UInt8(ascii: "#") ? parseDigits(bytes.dropFirst()) : parseName(bytes)
    }

    private static func parseDigits(_ bytes: some Collection<UInt8>) -> Color? {
        var digits: [UInt8] = []
        for byte in bytes.prefix(mostDigits) {
            guard let digit = hexDigit(byte) else { break }
            digits.append(digit)
        }
        switch digits.count {
        case 3: return Color(red: digits[0] * 17, green: digits[1] * 17, blue: digits[2] * 17)
        case 6:
            return Color(
                red: digits[0] << 4 | digits[1], green: digits[2] << 4 | digits[3], blue: digits[4] << 4 | digits[5])
        default: return nil
        }
    }

    private static func parseName(_ bytes: some Collection<UInt8>) -> Color? {
        var name = ""
        for byte in bytes {
            guard let character = nameCharacter(byte) else { break }
            guard name.utf8.count < longestName else { return nil }
            name.unicodeScalars.append(Unicode.Scalar(character))
        }
        return colors[name]
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Letters in lower case and digits; nil for everything else.
    private static func nameCharacter(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): byte
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        default: nil
        }
    }
}
