/// What a read unit says in one line.
///
/// The original firmware writes an integer from 0 to 1023; other sensors write text such as `21 C`, so any line of
/// UTF-8 text without control characters is a measurement.
public struct Measurement: Hashable, Sendable {
    /// The line without its terminator; never empty.
    public let text: String

    /// - Parameter text: A line without its terminator.
    /// - Throws: ``MalformedLine`` when it cannot be a measurement.
    public init(_ text: String) throws(MalformedLine) {
        var text = text
        let measurement = text.withUTF8 { Measurement.read($0) }
        self = try measurement.get()
    }

    private init(valid text: String) {
        self.text = text
    }

    /// Judges one line without its terminator.
    static func read(_ line: UnsafeBufferPointer<UInt8>) -> Result<Measurement, MalformedLine> {
        guard !line.isEmpty else { return .failure(.empty) }
        guard !hasControlCharacter(line) else { return .failure(.controlCharacter) }
        guard let text = String(validating: line, as: UTF8.self) else { return .failure(.notUTF8) }
        return .success(Measurement(valid: text))
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
}
