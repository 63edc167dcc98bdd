/// Cuts what a serial port says into lines: at LF, with a CR before it left away, and at 4096 bytes.
struct ConsoleLines {
    private static let longest = 4096
    private var bytes: [UInt8] = []

    /// The beginning of a line whose end has not come; nil where there is none.
    var rest: String? { bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }

    mutating func lines(after more: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in more {
            if byte != 0x0A { bytes.append(byte) }
            guard byte == 0x0A || bytes.count >= Self.longest else { continue }
            if bytes.last == 0x0D { bytes.removeLast() }
            lines.append(String(decoding: bytes, as: UTF8.self))
            bytes = []
        }
        return lines
    }
}
