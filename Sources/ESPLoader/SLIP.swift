/// The framing of the serial loader: a frame stands between two `C0`; inside, `C0` is `DB DC` and `DB` is `DB DD`.
///
/// Source: RFC 1055, with the leading delimiter that Espressif's serial protocol asks for.
public enum SLIP {
    static let delimiter: UInt8 = 0xC0
    static let escape: UInt8 = 0xDB
    static let escapedDelimiter: UInt8 = 0xDC
    static let escapedEscape: UInt8 = 0xDD

    /// The bytes on the wire of a frame with this content.
    public static func encode(_ content: some Sequence<UInt8>) -> [UInt8] {
        var wire: [UInt8] = [delimiter]
        for byte in content {
            switch byte {
            case delimiter: wire += [escape, escapedDelimiter]
            case escape: wire += [escape, escapedEscape]
            default: wire.append(byte)
            }
        }
        wire.append(delimiter)
        return wire
    }
}
