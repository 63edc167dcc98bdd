/// What JSON is made of. Nothing is read beyond the end: what would stand there is 0, which is no part of JSON.
extension BatchParser {
    var current: UInt8 { byte(at: position) }

    @inline(__always) private func byte(at index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    mutating func skipWhiteSpace() {
        while case let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Passes `word` over when it stands here.
    @inline(__always) mutating func skip(_ word: StaticString) -> Bool {
        guard isHere(word, at: position) else { return false }
        position += word.utf8CodeUnitCount
        return true
    }

    @inline(__always) mutating func take(_ word: StaticString) throws(Malformed) {
        guard skip(word) else { throw Malformed() }
    }

    @inline(__always) func isHere(_ word: StaticString, at start: Int) -> Bool {
        for offset in 0..<word.utf8CodeUnitCount where byte(at: start + offset) != word.utf8Start[offset] {
            return false
        }
        return true
    }

    // MARK: Strings

    /// A string, from its opening to its closing quote; the bytes are known to be UTF-8.
    mutating func text() throws(Malformed) -> Text {
        try take("\"")
        let start = position
        var isEscaped = false
        while true {
            switch current {
            case UInt8(ascii: "\""):
                position += 1
                return Text(range: start..<position - 1, isEscaped: isEscaped)
            case UInt8(ascii: "\\"):
                _ = try escape()
                isEscaped = true
            case 0..<0x20: throw Malformed()
            default: position += 1
            }
        }
    }

    /// Gives the bytes that a string means.
    @inline(__always) func withBytes<Value>(of text: Text, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        guard text.isEscaped else { return body(UnsafeBufferPointer(rebasing: bytes[text.range])) }
        return unescaped(text).withUnsafeBufferPointer(body)
    }

    private func unescaped(_ text: Text) -> [UInt8] {
        var rest = self
        rest.position = text.range.lowerBound
        var meant: [UInt8] = []
        while rest.position < text.range.upperBound {
            if rest.current == UInt8(ascii: "\\"), let scalar = try? rest.escape() {
                meant += UTF8.encode(scalar).map { Array($0) } ?? []
            } else {
                meant.append(rest.current)
                rest.position += 1
            }
        }
        return meant
    }

    private mutating func escape() throws(Malformed) -> Unicode.Scalar {
        let scalar: Unicode.Scalar
        switch byte(at: position + 1) {
        case UInt8(ascii: "\""): scalar = "\""
        case UInt8(ascii: "\\"): scalar = "\\"
        case UInt8(ascii: "/"): scalar = "/"
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw Malformed()
        }
        position += 2
        return scalar
    }

    /// `\uXXXX`; what lies outside the first plane takes two of them (RFC 8259, section 7), and half of such a pair is nothing.
    private mutating func unicodeEscape() throws(Malformed) -> Unicode.Scalar {
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), isHere("\\u", at: position) else { throw Malformed() }
        let trail = try codeUnit()
        guard UTF16.isTrailSurrogate(trail),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF)))
        else { throw Malformed() }
        return scalar
    }

    private mutating func codeUnit() throws(Malformed) -> UInt16 {
        var unit: UInt16 = 0
        for offset in 2..<6 {
            let digit: UInt8
            switch byte(at: position + offset) {
            case let byte where Self.isDigit(byte): digit = byte - UInt8(ascii: "0")
            case let byte where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte): digit = byte - 0x57
            case let byte where (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte): digit = byte - 0x37
            default: throw Malformed()
            }
            unit = unit << 4 | UInt16(digit)
        }
        position += 6
        return unit
    }

    // MARK: Numbers

    /// A whole number.
    mutating func integer() throws(Malformed) -> Int64 {
        let start = position
        let isPlain = try number()
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        if isPlain {
            guard let value = Int64(text) else { throw Malformed() }
            return value
        }
        // Beyond 2^53 it would not be the number that was written.
        guard let number = Double(text), number.magnitude < 0x1p53, let value = Int64(exactly: number) else {
            throw Malformed()
        }
        return value
    }

    /// Passes a number over: `-`, an integer without leading zeros, perhaps a fraction, perhaps an exponent.
    ///
    /// - Returns: Whether it has neither fraction nor exponent.
    mutating func number() throws(Malformed) -> Bool {
        _ = skip("-")
        if !skip("0") { try digits() }
        var isPlain = true
        if skip(".") {
            isPlain = false
            try digits()
        }
        if skip("e") || skip("E") {
            isPlain = false
            if !skip("+") { _ = skip("-") }
            try digits()
        }
        return isPlain
    }

    private mutating func digits() throws(Malformed) {
        let start = position
        while Self.isDigit(current) { position += 1 }
        guard position > start else { throw Malformed() }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
