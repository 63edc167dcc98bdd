extension DNSMessage {
    /// As it is sent. The end of a name that stood in the message before becomes a pointer to it.
    var encoded: [UInt8] {
        var writer = DNSWriter()
        writer.append(id)
        writer.append(flags)
        for count in [questions.count, answers.count, authorities.count, additionals.count] {
            writer.append(UInt16(truncatingIfNeeded: count))
        }
        for question in questions {
            writer.append(question.name)
            writer.append(question.type)
            writer.append(question.classBits)
        }
        for record in answers + authorities + additionals { writer.append(record) }
        return writer.bytes
    }
}

/// Puts the parts of a DNS message behind one another.
private struct DNSWriter {
    private(set) var bytes: [UInt8] = []
    /// Where each end of a name stands that was written whole.
    private var places: [[[UInt8]]: Int] = [:]

    /// A pointer has 14 bits.
    private static let furthest = 0x3FFF

    mutating func append(_ number: UInt16) {
        bytes.append(UInt8(number >> 8))
        bytes.append(UInt8(number & 255))
    }

    mutating func append(_ name: DNSName) {
        var rest = name.labels[...]
        while let label = rest.first {
            if let place = places[Array(rest)] { return append(0xC000 | UInt16(place)) }
            if bytes.count <= Self.furthest { places[Array(rest)] = bytes.count }
            bytes.append(UInt8(label.count))
            bytes += label
            rest = rest.dropFirst()
        }
        bytes.append(0)
    }

    mutating func append(_ record: DNSRecord) {
        append(record.name)
        append(record.type)
        append(record.classBits)
        append(UInt16(record.timeToLive >> 16))
        append(UInt16(record.timeToLive & 0xFFFF))
        let length = bytes.count
        append(UInt16(0))
        append(record.contents)
        let count = bytes.count - length - 2
        bytes[length] = UInt8(truncatingIfNeeded: count >> 8)
        bytes[length + 1] = UInt8(truncatingIfNeeded: count)
    }

    private mutating func append(_ contents: DNSRecord.Contents) {
        switch contents {
        case .a(let address):
            append(UInt16(address.bits >> 16))
            append(UInt16(address.bits & 0xFFFF))
        case .ptr(let name):
            append(name)
        case .srv(let priority, let weight, let port, let target):
            for number in [priority, weight, port] { append(number) }
            append(target)
        case .txt(let strings):
            for string in strings.map({ $0.prefix(255) }) {
                bytes.append(UInt8(string.count))
                bytes += string
            }
        case .other(_, let data):
            bytes += data
        }
    }
}
