/// The name of a channel: 1 to 200 characters of `-a-zA-Z0-9_=@,.;`. Its prefix decides who may subscribe and how.
public struct ChannelName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public static let maximumLength = 200

    public let text: String

    /// - Throws: ``ChannelNameError`` that quotes the text.
    public init(_ text: String) throws(ChannelNameError) {
        guard (1...Self.maximumLength).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else {
            throw ChannelNameError(text: text)
        }
        self.text = text
    }

    public var description: String { text }

    public var kind: Kind { Kind(text) }

    public static func < (left: ChannelName, right: ChannelName) -> Bool { left.text < right.text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "="),
            UInt8(ascii: "@"), UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: ";"):
            true
        default: false
        }
    }

    /// What a channel's prefix says about it.
    public struct Kind: Hashable, Sendable {
        /// A subscription needs a signature: private, private-encrypted and presence channels.
        public let isPrivate: Bool
        /// Subscribers are members that know of each other.
        public let isPresence: Bool
        /// The payload is encrypted from publisher to subscriber.
        public let isEncrypted: Bool
        /// The last event is kept for those who come later.
        public let isCache: Bool

        init(_ name: String) {
            isPresence = name.hasPrefix("presence-")
            isPrivate = isPresence || name.hasPrefix("private-")
            isEncrypted = name.hasPrefix("private-encrypted-")
            isCache = ["cache-", "private-cache-", "private-encrypted-cache-", "presence-cache-"]
                .contains { name.hasPrefix($0) }
        }
    }
}

/// Text that is not a channel name.
public struct ChannelNameError: Error, Equatable, Sendable, CustomStringConvertible {
    public let text: String

    public var description: String {
        "\"\(text.prefix(64))\" is not a channel name; write 1 to 200 letters, digits and -_=@,.;"
    }
}
