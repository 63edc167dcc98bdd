import Crypto

/// A STUN message as it came, with what is needed to check who made it.
public struct ReceivedStun: Equatable, Sendable {
    public let message: StunMessage
    private let bytes: [UInt8]
    /// Where MESSAGE-INTEGRITY begins.
    private let integrityPlace: Int?

    /// Parses a datagram. FINGERPRINT is checked where it is; attributes after MESSAGE-INTEGRITY are ignored but for it.
    public init(_ bytes: [UInt8]) throws(StunError) {
        guard bytes.count >= StunMessage.headerLength else { throw .tooShort(bytes: bytes.count) }
        guard Array(bytes[4..<8]) == StunMessage.cookie else { throw .wrongCookie }
        let length = Int(bytes[2]) << 8 | Int(bytes[3])
        guard length == bytes.count - StunMessage.headerLength, length.isMultiple(of: 4) else {
            throw .wrongLength(header: length, bytes: bytes.count - StunMessage.headerLength)
        }
        let type = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        // The two bits of the class stand between those of the method.
        guard let kind = StunMessage.Kind(rawValue: type), let transaction = TransactionID(bytes: bytes[8..<20]) else {
            throw .unknownMethod(type & 0x000F | (type & 0x00E0) >> 1 | (type & 0x3E00) >> 2)
        }
        var attributes: [StunAttribute] = []
        var integrityPlace: Int?
        var place = StunMessage.headerLength
        while place < bytes.count {
            let type = UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
            let count = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            guard place + 4 + count <= bytes.count else { throw .attributeCutOff(type: type) }
            let value = bytes[place + 4..<place + 4 + count]
            switch type {
            case StunAttribute.Kind.fingerprint:
                guard count == 4, place + 8 == bytes.count else { throw .badAttribute(type: type) }
                let expected = StunMessage.checksum(of: bytes[..<place])
                guard value.elementsEqual(withUnsafeBytes(of: expected.bigEndian, Array.init)) else {
                    throw .wrongFingerprint
                }
            case _ where integrityPlace != nil: break
            case StunAttribute.Kind.messageIntegrity:
                guard count == StunMessage.integrityLength else { throw .badAttribute(type: type) }
                integrityPlace = place
            default: attributes.append(try StunAttribute(type: type, value: value, transaction: transaction))
            }
            place += 4 + (count + 3) / 4 * 4
        }
        message = StunMessage(kind, transaction: transaction, attributes: attributes)
        self.bytes = bytes
        self.integrityPlace = integrityPlace
    }

    /// Whether MESSAGE-INTEGRITY is there and was made with `password`. Compares in constant time.
    public func isSigned(with password: String) -> Bool {
        guard let integrityPlace else { return false }
        var signed = Array(bytes[..<integrityPlace])
        let length = integrityPlace - StunMessage.headerLength + 4 + StunMessage.integrityLength
        signed[2] = UInt8(length >> 8 & 0xFF)
        signed[3] = UInt8(length & 0xFF)
        let code = bytes[integrityPlace + 4..<integrityPlace + 4 + StunMessage.integrityLength]
        return HMAC<Insecure.SHA1>.isValidAuthenticationCode(
            code, authenticating: signed, using: SymmetricKey(data: Array(password.utf8)))
    }

    /// Both halves of USERNAME: the receiver's ufrag, the sender's.
    public var username: (receiver: String, sender: String)? {
        for case .username(let text) in message.attributes {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return nil
    }

    var mappedAddress: PeerAddress? {
        for case .xorMappedAddress(let address) in message.attributes { return address }
        for case .mappedAddress(let address) in message.attributes { return address }
        return nil
    }

    var errorCode: Int? {
        for case .errorCode(let code, _) in message.attributes { return code }
        return nil
    }

    var priority: UInt32? {
        for case .priority(let priority) in message.attributes { return priority }
        return nil
    }
}
