/// What is sent to an updatable unit: a payload, ended by CR.
///
/// CR alone is the terminator with the lowest latency: the firmware reads up to CR, and an LF after it would keep the
/// unit busy for one stream timeout. All other bytes are payload. LF is no exception: the firmware takes it as a
/// character of the string (`red\n` is red, because a colour's name ends at the first character that is neither letter
/// nor digit), so it cannot split a command in two and is passed on as it is.
public struct Command: Hashable, Sendable {
    /// The longest payload, in bytes of UTF-8, terminator not counted.
    public static let maximumPayloadBytes = 1024
    /// Ends a command on the wire: CR.
    public static let terminator = UInt8(ascii: "\r")

    public let payload: String

    /// - Throws: ``CommandError`` when the payload is empty, too long, or contains CR.
    public init(payload: String) throws(CommandError) {
        guard !payload.isEmpty else { throw .empty }
        let count = payload.utf8.count
        guard count <= Self.maximumPayloadBytes else { throw .tooLong(bytes: count) }
        guard !payload.utf8.contains(Self.terminator) else { throw .containsTerminator }
        self.payload = payload
    }

    /// What goes on the wire: the payload and the terminator.
    public var bytes: [UInt8] {
        Array(payload.utf8) + [Self.terminator]
    }
}

/// A payload that cannot be one command.
public enum CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case tooLong(bytes: Int)
    case containsTerminator

    public var description: String {
        switch self {
        case .empty:
            "the payload is empty; a lamp wants a colour such as red or #ff8800"
        case .tooLong(let bytes):
            "the payload has \(bytes) bytes; at most \(Command.maximumPayloadBytes) are allowed"
        case .containsTerminator:
            "the payload contains a carriage return, which would end the command early; send two commands instead"
        }
    }
}
