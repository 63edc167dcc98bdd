import UnitProtocol

/// A message of DNS (RFC 1035, 4), as far as multicast DNS (RFC 6762) uses it.
///
///     +---------------------+
///     |       Header        |  12 bytes: id, flags, and the number of each of the following
///     |      Question       |
///     |       Answer        |
///     |      Authority      |
///     |     Additional      |
///     +---------------------+
struct DNSMessage: Equatable, Sendable {
    /// The largest message that multicast DNS sends or takes, headers of IP and UDP included (RFC 6762, 17).
    static let maximumBytes = 9000

    var id: UInt16 = 0
    /// QR, opcode, AA, TC, RD, RA, Z and RCODE, as they stand in the header.
    var flags: UInt16 = 0
    var questions: [DNSQuestion] = []
    var answers: [DNSRecord] = []
    var authorities: [DNSRecord] = []
    var additionals: [DNSRecord] = []

    var isResponse: Bool { flags & 0x8000 != 0 }
    /// 0 is a standard query.
    var opcode: UInt16 { flags >> 11 & 15 }
    /// 0 is no error.
    var responseCode: UInt16 { flags & 15 }
}

struct DNSQuestion: Equatable, Sendable {
    var name: DNSName
    var type: UInt16
    /// The upper bit asks for an answer by unicast (RFC 6762, 5.4).
    var classBits: UInt16 = DNSRecord.internet
}

/// A resource record.
struct DNSRecord: Equatable, Sendable {
    /// Types that are understood.
    enum Kind {
        static let a: UInt16 = 1
        static let ptr: UInt16 = 12
        static let txt: UInt16 = 16
        static let srv: UInt16 = 33
    }

    enum Contents: Hashable, Sendable {
        case a(IPv4Address)
        case ptr(DNSName)
        case srv(priority: UInt16, weight: UInt16, port: UInt16, target: DNSName)
        /// Strings of at most 255 bytes.
        case txt([[UInt8]])
        case other(type: UInt16, [UInt8])
    }

    static let internet: UInt16 = 1
    private static let flushBit: UInt16 = 0x8000

    var name: DNSName
    /// The upper bit says that older records of this name and type are to be forgotten (RFC 6762, 10.2).
    var classBits: UInt16 = internet
    /// How long it is valid, in seconds; 0 takes it back (RFC 6762, 10.1).
    var timeToLive: UInt32
    var contents: Contents

    var isInternet: Bool { classBits & ~Self.flushBit == Self.internet }
    var flushesOthers: Bool { classBits & Self.flushBit != 0 }

    var type: UInt16 {
        switch contents {
        case .a: Kind.a
        case .ptr: Kind.ptr
        case .srv: Kind.srv
        case .txt: Kind.txt
        case .other(let type, _): type
        }
    }
}
