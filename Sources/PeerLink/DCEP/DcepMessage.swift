/// A message of the data channel establishment protocol (RFC 8832, 5).
///
/// ```
///  |  3 (OPEN)  | channel type |  priority   |
///  |         reliability parameter           |
///  |  bytes of label   |  bytes of protocol  |
///  |  label ... | protocol ...               |
/// ```
public enum DcepMessage: Equatable, Sendable {
    case open(Opening)
    case ack

    public struct Opening: Equatable, Sendable {
        public var label: String
        /// The application's own name of what is spoken over the channel.
        public var subprotocol: String
        public var isOrdered: Bool
        public var reliability: ChannelReliability
        /// 128 low, 256 normal, 512 high, 1024 very high (RFC 8831, 6.4).
        public var priority: UInt16

        public init(
            label: String, subprotocol: String = "", isOrdered: Bool = true,
            reliability: ChannelReliability = .reliable, priority: UInt16 = 256
        ) {
            self.label = label
            self.subprotocol = subprotocol
            self.isOrdered = isOrdered
            self.reliability = reliability
            self.priority = priority
        }
    }

    private static let headerLength = 12

    public init(_ bytes: [UInt8]) throws(DcepError) {
        switch bytes.first {
        case 2:
            guard bytes.count == 1 else { throw .wrongLength(bytes: bytes.count) }
            self = .ack
        case 3: self = .open(try Self.opening(bytes))
        case let other: throw .unknownType(other)
        }
    }

    private static func opening(_ bytes: [UInt8]) throws(DcepError) -> Opening {
        guard bytes.count >= headerLength else { throw .wrongLength(bytes: bytes.count) }
        func number(_ place: Int) -> UInt16 { UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]) }
        let parameter = UInt32(number(4)) << 16 | UInt32(number(6))
        let labelEnd = headerLength + Int(number(8))
        guard bytes.count == labelEnd + Int(number(10)) else { throw .wrongLength(bytes: bytes.count) }
        let reliability: ChannelReliability
        switch bytes[1] & 0x7F {
        case 0: reliability = .reliable
        case 1: reliability = .retransmissions(parameter)
        case 2: reliability = .lifetime(milliseconds: parameter)
        default: throw .unknownChannelType(bytes[1])
        }
        guard let label = String(validating: bytes[headerLength..<labelEnd], as: UTF8.self),
            let subprotocol = String(validating: bytes[labelEnd...], as: UTF8.self)
        else { throw .notUTF8 }
        return Opening(
            label: label, subprotocol: subprotocol, isOrdered: bytes[1] & 0x80 == 0, reliability: reliability,
            priority: number(2))
    }

    /// Label and protocol are at most 65535 bytes each; ``ChannelOptions`` allows much less.
    public var bytes: [UInt8] {
        guard case .open(let opening) = self else { return [2] }
        let (type, parameter): (UInt8, UInt32) =
            switch opening.reliability {
            case .reliable: (0, 0)
            case .retransmissions(let count): (1, count)
            case .lifetime(let milliseconds): (2, milliseconds)
            }
        func pair(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }
        return [3, opening.isOrdered ? type : type | 0x80] + pair(Int(opening.priority))
            + withUnsafeBytes(of: parameter.bigEndian, Array.init)
            + pair(opening.label.utf8.count) + pair(opening.subprotocol.utf8.count)
            + Array(opening.label.utf8) + Array(opening.subprotocol.utf8)
    }
}
