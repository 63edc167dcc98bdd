import SerialPort

/// Decodes UTF-8 a byte at a time into text that is safe to show.
///
/// Source: the Unicode Standard, table 3-7 (well-formed byte sequences).
struct UTF8Pieces {
    /// The bytes of a character that is not whole yet.
    private var pending: [UInt8] = []

    /// - Returns: What can be shown now; empty in the middle of a character.
    mutating func take(_ byte: UInt8) -> String {
        guard let lead = pending.first else { return begin(byte) }
        guard Self.mayFollow(byte, lead, isSecond: pending.count == 1) else { return finish() + begin(byte) }
        pending.append(byte)
        guard pending.count == Self.length(lead) else { return "" }
        let bytes = pending
        pending = []
        guard let character = String(validating: bytes, as: UTF8.self)?.unicodeScalars.first, character.isPrintable
        else {
            return Self.escape(bytes)
        }
        return String(character)
    }

    /// What is left of a character that does not go on.
    mutating func finish() -> String {
        defer { pending = [] }
        return Self.escape(pending)
    }

    /// A whole text, such as a file's name.
    static func shown(_ text: String) -> String {
        var decoder = UTF8Pieces()
        return text.utf8.map { decoder.take($0) }.joined() + decoder.finish()
    }

    private mutating func begin(_ byte: UInt8) -> String {
        switch byte {
        case 0x09, 0x20...0x7E: return String(UnicodeScalar(byte))
        case 0xC2...0xF4:
            pending = [byte]
            return ""
        default: return Self.escape([byte])
        }
    }

    /// `\x1B`.
    static func escape(_ bytes: [UInt8]) -> String {
        bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    private static func length(_ lead: UInt8) -> Int {
        lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    }

    private static func mayFollow(_ byte: UInt8, _ lead: UInt8, isSecond: Bool) -> Bool {
        guard isSecond else { return (0x80...0xBF).contains(byte) }
        return switch lead {
        case 0xE0: (0xA0...0xBF).contains(byte)
        case 0xED: (0x80...0x9F).contains(byte)
        case 0xF0: (0x90...0xBF).contains(byte)
        case 0xF4: (0x80...0x8F).contains(byte)
        default: (0x80...0xBF).contains(byte)
        }
    }
}
