/// What a channel carries.
public enum ChannelMessage: Equatable, Sendable {
    case text(String)
    case bytes([UInt8])

    /// Bytes on the wire.
    public var count: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }

    var payload: PayloadKind {
        switch self {
        case .text(let text): text.isEmpty ? .emptyText : .text
        case .bytes(let bytes): bytes.isEmpty ? .emptyBinary : .binary
        }
    }

    /// Never empty: where the message is, one byte stands for it.
    var wire: [UInt8] {
        let bytes =
            switch self {
            case .text(let text): Array(text.utf8)
            case .bytes(let bytes): bytes
            }
        return bytes.isEmpty ? [0] : bytes
    }

    /// - Returns: Nil for text that is not UTF-8.
    init?(_ payload: PayloadKind, _ bytes: [UInt8]) {
        switch payload {
        case .establishment: return nil
        case .text:
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            self = .text(text)
        case .binary: self = .bytes(bytes)
        case .emptyText: self = .text("")
        case .emptyBinary: self = .bytes([])
        }
    }
}
