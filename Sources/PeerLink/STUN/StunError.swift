/// Why a datagram is not a STUN message that is understood here.
public enum StunError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooShort(bytes: Int)
    case wrongCookie
    /// The length in the header is not that of the datagram, or not a multiple of four.
    case wrongLength(header: Int, bytes: Int)
    /// Only Binding (0x001) is spoken.
    case unknownMethod(UInt16)
    case attributeCutOff(type: UInt16)
    case badAttribute(type: UInt16)
    case wrongFingerprint

    public var description: String {
        switch self {
        case .tooShort(let bytes): "a STUN message has at least 20 bytes, this one has \(bytes)"
        case .wrongCookie: "the magic cookie is not 2112A442"
        case .wrongLength(let header, let bytes): "the header says \(header) bytes of attributes, there are \(bytes)"
        case .unknownMethod(let method): "method 0x\(String(method, radix: 16)) is not Binding"
        case .attributeCutOff(let type): "attribute 0x\(String(type, radix: 16)) goes on after the message's end"
        case .badAttribute(let type): "attribute 0x\(String(type, radix: 16)) has a value that its type cannot have"
        case .wrongFingerprint: "FINGERPRINT is not the checksum of the message"
        }
    }
}
