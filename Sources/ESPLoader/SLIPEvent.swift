/// What a serial line brought.
public enum SLIPEvent: Sendable, Equatable {
    /// The content of a whole frame, unescaped; never empty.
    case frame([UInt8])
    /// Bytes outside of any frame: what the chip prints.
    case text([UInt8])
    /// A frame that was dropped.
    case malformed(MalformedFrame)
}

/// Why a frame was dropped.
public enum MalformedFrame: Error, Sendable, Equatable {
    /// `DB` was followed by a byte other than `DC` and `DD`.
    case badEscape(UInt8)
    /// The content is longer than `limit` bytes.
    case tooLong(limit: Int)
}
