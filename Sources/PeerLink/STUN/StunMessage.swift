import CZlib
import Crypto

/// A STUN Binding message (RFC 8489).
///
/// ```
///  0                   1                   2                   3
///  |0 0|     message type          |   bytes of attributes         |
///  |                    magic cookie 2112A442                      |
///  |                   transaction id, 96 bits                     |
///  |  attributes: type, length, value filled up to four bytes ...  |
/// ```
public struct StunMessage: Equatable, Sendable {
    public enum Kind: UInt16, Sendable {
        case request = 0x0001
        case indication = 0x0011
        case success = 0x0101
        case failure = 0x0111
    }

    public var kind: Kind
    public var transaction: TransactionID
    public var attributes: [StunAttribute]

    static let headerLength = 20
    static let cookie: [UInt8] = [0x21, 0x12, 0xA4, 0x42]
    static let integrityLength = 20

    public init(_ kind: Kind, transaction: TransactionID, attributes: [StunAttribute] = []) {
        self.kind = kind
        self.transaction = transaction
        self.attributes = attributes
    }

    /// The datagram.
    ///
    /// - Parameters:
    ///   - password: Of the side that made it (short-term credentials); nil sends no MESSAGE-INTEGRITY.
    ///   - padding: What fills values up to four bytes; receivers ignore it.
    public func encoded(password: String?, padding: UInt8 = 0) -> [UInt8] {
        var bytes = [UInt8(kind.rawValue >> 8), UInt8(kind.rawValue & 0xFF), 0, 0] + Self.cookie + transaction.bytes
        for attribute in attributes {
            Self.append(attribute.type, attribute.value(transaction: transaction), padding: padding, to: &bytes)
        }
        if let password {
            Self.setLength(of: &bytes, ahead: 4 + Self.integrityLength)
            let key = SymmetricKey(data: Array(password.utf8))
            let code = HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key)
            Self.append(StunAttribute.Kind.messageIntegrity, Array(code), padding: 0, to: &bytes)
        }
        Self.setLength(of: &bytes, ahead: 8)
        let checksum = Self.checksum(of: bytes[...])
        Self.append(
            StunAttribute.Kind.fingerprint, withUnsafeBytes(of: checksum.bigEndian, Array.init), padding: 0, to: &bytes)
        return bytes
    }

    /// What FINGERPRINT holds when it follows `bytes`, whose header already counts it.
    static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        let crc = bytes.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
        return UInt32(truncatingIfNeeded: crc) ^ 0x5354_554E
    }

    private static func setLength(of bytes: inout [UInt8], ahead: Int) {
        let length = bytes.count - headerLength + ahead
        bytes[2] = UInt8(length >> 8 & 0xFF)
        bytes[3] = UInt8(length & 0xFF)
    }

    private static func append(_ type: UInt16, _ value: [UInt8], padding: UInt8, to bytes: inout [UInt8]) {
        bytes += [UInt8(type >> 8), UInt8(type & 0xFF), UInt8(value.count >> 8 & 0xFF), UInt8(value.count & 0xFF)]
        bytes += value
        while !bytes.count.isMultiple(of: 4) { bytes.append(padding) }
    }
}
