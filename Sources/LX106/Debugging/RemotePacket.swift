/// A packet of the GDB remote serial protocol: `$`, its content, `#`, and the sum of what is between as two hex digits.
///
/// Source: the GDB manual, "Remote Protocol, Overview".
public struct RemotePacket: Sendable, Equatable {
    /// Unescaped.
    public var content: [UInt8]

    /// The longest content that is read or written, before it is escaped (bytes).
    public static let longestContent = 0x1000

    public init(content: [UInt8]) { self.content = content }

    /// - Parameter text: Printable ASCII.
    public init(_ text: String) { content = Array(text.utf8) }

    static let begin = UInt8(ascii: "$")
    static let end = UInt8(ascii: "#")
    static let escape = UInt8(ascii: "}")
    static let escapeMask: UInt8 = 0x20

    /// The packet as it is sent. `*` is escaped as well, because it begins a run in replies.
    public var wire: [UInt8] {
        var bytes = [Self.begin]
        var sum: UInt8 = 0
        for byte in content {
            let isSpecial = [Self.begin, Self.end, Self.escape, UInt8(ascii: "*")].contains(byte)
            for sent in isSpecial ? [Self.escape, byte ^ Self.escapeMask] : [byte] {
                bytes.append(sent)
                sum &+= sent
            }
        }
        return bytes + [Self.end] + Array(HexText.of([sum]).utf8)
    }
}
