/// Why bytes are no message of DNS.
enum DNSError: Error, Equatable {
    case tooLong
    case truncated
    /// A name points at itself or forwards, has a label of a kind that does not exist, or is too long.
    case badName
    /// The data of a record are longer or shorter than its type has them.
    case badData(type: UInt16)
    case tooManyRecords
}

extension DNSMessage {
    /// The most questions and records of one message.
    static let maximumRecords = 512

    /// Reads a whole message; bytes behind it are not looked at.
    init(_ bytes: [UInt8]) throws(DNSError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong }
        var reader = DNSReader(bytes)
        id = try reader.uint16()
        flags = try reader.uint16()
        let counts = [try reader.uint16(), try reader.uint16(), try reader.uint16(), try reader.uint16()].map(Int.init)
        guard counts.reduce(0, +) <= Self.maximumRecords else { throw .tooManyRecords }
        for _ in 0..<counts[0] {
            questions.append(
                DNSQuestion(name: try reader.name(), type: try reader.uint16(), classBits: try reader.uint16()))
        }
        answers = try reader.records(counts[1])
        authorities = try reader.records(counts[2])
        additionals = try reader.records(counts[3])
    }
}
