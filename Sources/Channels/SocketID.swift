/// A connection's name, `123.456`, given by the server in its greeting.
public struct SocketID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String

    /// Nil unless the text is two decimal numbers joined by a dot, at most 40 characters together.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 2, omittingEmptySubsequences: false)
        guard text.utf8.count <= 40, parts.count == 2,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        description = text
    }

    init(_ first: UInt32, _ second: UInt32) {
        description = "\(first).\(second)"
    }

    public static func < (left: SocketID, right: SocketID) -> Bool { left.description < right.description }
}
