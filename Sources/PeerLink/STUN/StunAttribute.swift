/// The attributes that ICE uses (RFC 8489, 14; RFC 8445, 16.1). MESSAGE-INTEGRITY and FINGERPRINT are not among them:
/// ``StunMessage`` adds them and ``ReceivedStun`` checks them.
public enum StunAttribute: Equatable, Sendable {
    case mappedAddress(PeerAddress)
    case xorMappedAddress(PeerAddress)
    /// `receiver's ufrag:sender's ufrag`.
    case username(String)
    case software(String)
    case errorCode(Int, reason: String)
    case priority(UInt32)
    case useCandidate
    case iceControlled(tieBreaker: UInt64)
    case iceControlling(tieBreaker: UInt64)
    case unknown(type: UInt16, bytes: [UInt8])

    enum Kind {
        static let mappedAddress: UInt16 = 0x0001
        static let username: UInt16 = 0x0006
        static let messageIntegrity: UInt16 = 0x0008
        static let errorCode: UInt16 = 0x0009
        static let xorMappedAddress: UInt16 = 0x0020
        static let priority: UInt16 = 0x0024
        static let useCandidate: UInt16 = 0x0025
        static let software: UInt16 = 0x8022
        static let fingerprint: UInt16 = 0x8028
        static let iceControlled: UInt16 = 0x8029
        static let iceControlling: UInt16 = 0x802A
    }

    /// - Throws: ``StunError/badAttribute(type:)``.
    init(type: UInt16, value: ArraySlice<UInt8>, transaction: TransactionID) throws(StunError) {
        switch type {
        case Kind.mappedAddress: self = .mappedAddress(try Self.address(type, value, mask: nil))
        case Kind.xorMappedAddress: self = .xorMappedAddress(try Self.address(type, value, mask: transaction))
        case Kind.username: self = .username(try Self.text(type, value, most: 513))
        case Kind.software: self = .software(try Self.text(type, value, most: 763))
        case Kind.errorCode:
            let code = value.dropFirst(2).prefix(2)
            guard let hundreds = code.first, let rest = code.last, code.count == 2, (3...6).contains(hundreds & 7),
                rest < 100
            else { throw .badAttribute(type: type) }
            self = .errorCode(
                Int(hundreds & 7) * 100 + Int(rest), reason: try Self.text(type, value.dropFirst(4), most: 763))
        case Kind.priority: self = .priority(UInt32(try Self.number(type, value, bytes: 4)))
        case Kind.useCandidate:
            guard value.isEmpty else { throw .badAttribute(type: type) }
            self = .useCandidate
        case Kind.iceControlled: self = .iceControlled(tieBreaker: try Self.number(type, value, bytes: 8))
        case Kind.iceControlling: self = .iceControlling(tieBreaker: try Self.number(type, value, bytes: 8))
        default: self = .unknown(type: type, bytes: Array(value))
        }
    }

    var type: UInt16 {
        switch self {
        case .mappedAddress: Kind.mappedAddress
        case .xorMappedAddress: Kind.xorMappedAddress
        case .username: Kind.username
        case .software: Kind.software
        case .errorCode: Kind.errorCode
        case .priority: Kind.priority
        case .useCandidate: Kind.useCandidate
        case .iceControlled: Kind.iceControlled
        case .iceControlling: Kind.iceControlling
        case .unknown(let type, _): type
        }
    }

    func value(transaction: TransactionID) -> [UInt8] {
        switch self {
        case .mappedAddress(let address): Self.bytes(of: address, mask: nil)
        case .xorMappedAddress(let address): Self.bytes(of: address, mask: transaction)
        case .username(let text), .software(let text): Array(text.utf8)
        case .errorCode(let code, let reason): [0, 0, UInt8(code / 100), UInt8(code % 100)] + Array(reason.utf8)
        case .priority(let priority): withUnsafeBytes(of: priority.bigEndian, Array.init)
        case .useCandidate: []
        case .iceControlled(let number), .iceControlling(let number):
            withUnsafeBytes(of: number.bigEndian, Array.init)
        case .unknown(_, let bytes): bytes
        }
    }

    private static func text(_ type: UInt16, _ value: ArraySlice<UInt8>, most: Int) throws(StunError) -> String {
        guard value.count <= most, let text = String(validating: value, as: UTF8.self) else {
            throw .badAttribute(type: type)
        }
        return text
    }

    private static func number(_ type: UInt16, _ value: ArraySlice<UInt8>, bytes: Int) throws(StunError) -> UInt64 {
        guard value.count == bytes else { throw .badAttribute(type: type) }
        return value.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What an address is combined with where the attribute is XOR-…: the cookie, and for IPv6 the transaction too.
    private static func masked(_ bytes: [UInt8], _ transaction: TransactionID?) -> [UInt8] {
        guard let transaction else { return bytes }
        return zip(bytes, StunMessage.cookie + transaction.bytes).map { $0 ^ $1 }
    }

    private static func address(
        _ type: UInt16, _ value: ArraySlice<UInt8>, mask: TransactionID?
    ) throws(StunError) -> PeerAddress {
        let bytes = Array(value)
        guard bytes.count == 8 && bytes[1] == 1 || bytes.count == 20 && bytes[1] == 2 else {
            throw .badAttribute(type: type)
        }
        let port = masked(Array(bytes[2..<4]), mask)
        let host = masked(Array(bytes[4...]), mask)
        guard let address = PeerAddress(bytes: host, port: UInt16(port[0]) << 8 | UInt16(port[1])) else {
            throw .badAttribute(type: type)
        }
        return address
    }

    private static func bytes(of address: PeerAddress, mask: TransactionID?) -> [UInt8] {
        let port = [UInt8(address.port >> 8), UInt8(address.port & 0xFF)]
        return [0, address.isIPv6 ? 2 : 1] + masked(port, mask) + masked(address.bytes, mask)
    }
}
