/// What a read unit says in one line.
///
/// The original firmware writes an integer from 0 to 1023; other sensors write text such as `21 C`, so any line of
/// UTF-8 text without control characters is a measurement.
public struct Measurement: Hashable, Sendable {
    /// The line without its terminator; never empty.
    public let text: String
    /// The value where the whole line is a decimal number (`512`, `-1`, `21.5`), nil elsewhere.
    public let number: Double?

    /// - Parameter text: A line without its terminator.
    /// - Throws: ``MalformedLine`` when it cannot be a measurement.
    public init(_ text: String) throws(MalformedLine) {
        var text = text
        let measurement = text.withUTF8 { Measurement.read($0) }
        self = try measurement.get()
    }

    private init(text: String, number: Double?) {
        self.text = text
        self.number = number
    }

    /// Judges one line without its terminator.
    static func read(_ line: UnsafeBufferPointer<UInt8>) -> Result<Measurement, MalformedLine> {
        guard !line.isEmpty else { return .failure(.empty) }
        guard !hasControlCharacter(line) else { return .failure(.controlCharacter) }
        guard let text = String(validating: line, as: UTF8.self) else { return .failure(.notUTF8) }
        return .success(Measurement(text: text, number: number(line, text)))
    }

    /// C0, DEL, and C1 (in UTF-8 the byte C2 before 80 to 9F).
    private static func hasControlCharacter(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for byte in line {
            if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && (0x80...0x9F).contains(byte)) { return true }
            previous = byte
        }
        return false
    }

    /// Plain decimals only: what else `Double` reads (`nan`, `0x10`, `1e9`) is text to a person.
    private static func number(_ line: UnsafeBufferPointer<UInt8>, _ text: String) -> Double? {
        var isInteger = true
        for (index, byte) in line.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): continue
            case UInt8(ascii: "-") where index == 0, UInt8(ascii: "+") where index == 0: continue
            case UInt8(ascii: "."): isInteger = false
            default: return nil
            }
        }
        if isInteger, line.count <= 9 { return Int(text).map(Double.init) }
        return Double(text)
    }
}
