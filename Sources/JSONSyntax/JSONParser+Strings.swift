extension JSONParser {
    /// A string, from its opening to its closing quote; the bytes are known to be UTF-8.
    mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text += String(try escape()).utf8
            case 0..<0x20:
                throw malformed(.controlCharacter)
            default:
                text.append(byte)
                position += 1
            }
        }
        throw malformed(.endlessString)
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard position + 1 < bytes.count else { throw malformed(.badEscape) }
        let scalar: Unicode.Scalar
        switch bytes[position + 1] {
        case UInt8(ascii: "\""): scalar = "\""
        case UInt8(ascii: "\\"): scalar = "\\"
        case UInt8(ascii: "/"): scalar = "/"
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw malformed(.badEscape)
        }
        position += 2
        return scalar
    }

    /// `\uXXXX`; what lies outside the first plane takes two of them (RFC 8259, section 7).
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard let unit = codeUnit(at: position) else { throw malformed(.badEscape) }
        if let scalar = Unicode.Scalar(unit) {
            position += 6
            return scalar
        }
        guard UTF16.isLeadSurrogate(unit), let trail = codeUnit(at: position + 6), UTF16.isTrailSurrogate(trail),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF)))
        else { throw malformed(.halfSurrogate) }
        position += 12
        return scalar
    }

    private func codeUnit(at start: Int) -> UInt16? {
        guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        let digits = bytes[start + 2..<start + 6]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
