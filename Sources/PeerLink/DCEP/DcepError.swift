/// Why a message on the establishment protocol's payload type is not one.
public enum DcepError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownType(UInt8?)
    case wrongLength(bytes: Int)
    case unknownChannelType(UInt8)
    case notUTF8

    public var description: String {
        switch self {
        case .unknownType(let type): "message type \(type.map(String.init) ?? "none") is neither OPEN (3) nor ACK (2)"
        case .wrongLength(let bytes): "\(bytes) bytes are not the length that the message itself says"
        case .unknownChannelType(let type): "channel type \(type) is not known"
        case .notUTF8: "label or protocol is not UTF-8"
        }
    }
}
