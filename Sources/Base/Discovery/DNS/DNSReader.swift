import UnitProtocol

/// Takes the parts of a DNS message from its bytes.
///
/// A name may end with a pointer to an earlier place where it goes on (RFC 1035, 4.1.4). Each pointer has to point before
/// the part of the name that it ends, so there are no loops.
struct DNSReader {
    private let bytes: [UInt8]
    private(set) var position = 0
    /// Where reading has to end: with the message, or with the data of a record.
    private var end: Int

    private static let pointer: UInt8 = 0xC0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        end = bytes.count
    }

    mutating func uint8() throws(DNSError) -> UInt8 {
        guard position < end else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func uint16() throws(DNSError) -> UInt16 {
        UInt16(try uint8()) << 8 | UInt16(try uint8())
    }

    mutating func uint32() throws(DNSError) -> UInt32 {
        UInt32(try uint16()) << 16 | UInt32(try uint16())
    }

    mutating func take(_ count: Int) throws(DNSError) -> [UInt8] {
        guard count <= end - position else { throw .truncated }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func name() throws(DNSError) -> DNSName {
        var labels: [[UInt8]] = []
        var length = 1
        /// Where the part that is being read began.
        var part = position
        /// Where reading goes on behind the name, once a pointer was followed.
        var behind: Int?
        while true {
            let first = try uint8()
            switch first & Self.pointer {
            case 0 where first == 0:
                if let behind { position = behind }
                guard let name = DNSName(labels: labels) else { throw .badName }
                return name
            case 0:
                labels.append(try take(Int(first)))
                length += 1 + Int(first)
                guard length <= DNSName.maximumBytes else { throw .badName }
            case Self.pointer:
                let target = Int(first & ~Self.pointer) << 8 | Int(try uint8())
                guard target < part else { throw .badName }
                behind = behind ?? position
                part = target
                position = target
            default:
                throw .badName
            }
        }
    }

    mutating func records(_ count: Int) throws(DNSError) -> [DNSRecord] {
        var records: [DNSRecord] = []
        for _ in 0..<count { records.append(try record()) }
        return records
    }

    private mutating func record() throws(DNSError) -> DNSRecord {
        let name = try name()
        let type = try uint16()
        let classBits = try uint16()
        let timeToLive = try uint32()
        let length = Int(try uint16())
        guard length <= end - position else { throw .truncated }
        let whole = end
        end = position + length
        defer { end = whole }
        let contents = try contents(of: type)
        guard position == end else { throw .badData(type: type) }
        return DNSRecord(name: name, classBits: classBits, timeToLive: timeToLive, contents: contents)
    }

    private mutating func contents(of type: UInt16) throws(DNSError) -> DNSRecord.Contents {
        switch type {
        case DNSRecord.Kind.a:
            guard end - position == 4 else { throw .badData(type: type) }
            return .a(IPv4Address(bits: try uint32()))
        case DNSRecord.Kind.ptr:
            return .ptr(try name())
        case DNSRecord.Kind.srv:
            return .srv(priority: try uint16(), weight: try uint16(), port: try uint16(), target: try name())
        case DNSRecord.Kind.txt:
            var strings: [[UInt8]] = []
            while position < end { strings.append(try take(Int(try uint8()))) }
            return .txt(strings)
        default:
            return .other(type: type, try take(end - position))
        }
    }
}
