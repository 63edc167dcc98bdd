import UnitProtocol

/// A record in a segment, all numbers little-endian:
///
///      0  marker, B7 1E
///      2  length of the whole record, 2 bytes
///      4  CRC-32 of bytes 0 to 3 and 8 to the end
///      8  sequence
///     16  run, 16 bytes
///     32  accepted at, milliseconds since 1970
///     40  unit, its IPv4 address
///     44  the measurement's text, UTF-8, to the end
///
/// Inside a measurement's text no record can begin: the marker's 1E is a control character, and a measurement has none. So
/// the scan that looks for the next good record after damage cannot be led to what a unit has made up.
extension OutboxRecord {
    static let headBytes = 44
    static let mostTextBytes = 1024
    /// The most bytes that are read or allocated for one, whatever its length says.
    static let mostBytes = headBytes + mostTextBytes
    static let marker: UInt16 = 0x1EB7

    var encodedCount: Int { Self.headBytes + measurement.text.utf8.count }

    func encode(into bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(littleEndian: Self.marker)
        bytes.append(littleEndian: UInt16(encodedCount))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: key.sequence)
        bytes.append(littleEndian: key.run.high)
        bytes.append(littleEndian: key.run.low)
        bytes.append(littleEndian: acceptedAt)
        bytes.append(littleEndian: unit.bits)
        bytes.append(contentsOf: measurement.text.utf8)
        let checksum = bytes.withUnsafeBytes { Self.checksum(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        bytes.replace(at: start + 4, littleEndian: checksum)
    }

    private static func checksum(_ record: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = Checksum()
        checksum.add(UnsafeRawBufferPointer(rebasing: record[..<4]))
        checksum.add(UnsafeRawBufferPointer(rebasing: record[8...]))
        return checksum.value
    }

    /// The length that a record at `offset` says it has, when one may begin there; it is at most ``mostBytes``.
    static func plausibleLength(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard bytes.count - offset >= headBytes, bytes.littleEndian(offset, as: UInt16.self) == marker else {
            return nil
        }
        let length = Int(bytes.littleEndian(offset + 2, as: UInt16.self))
        return (headBytes + 1...mostBytes).contains(length) ? length : nil
    }

    /// The bytes of the intact record at `offset`; nil when there is none.
    static func intact(in bytes: UnsafeRawBufferPointer, at offset: Int) -> UnsafeRawBufferPointer? {
        guard let length = plausibleLength(in: bytes, at: offset), bytes.count - offset >= length else { return nil }
        let record = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
        return checksum(record) == record.littleEndian(4, as: UInt32.self) ? record : nil
    }

    /// - Parameter record: The bytes of an intact record.
    init?(intact record: UnsafeRawBufferPointer) {
        let head = RecordHead(intact: record)
        guard let text = String(validating: record[Self.headBytes...], as: UTF8.self),
            let measurement = try? Measurement(text)
        else { return nil }
        self.init(
            key: OutboxKey(run: head.run, sequence: head.sequence), unit: head.unit, acceptedAt: head.acceptedAt,
            measurement: measurement)
    }
}

/// A record without its text: what an index wants to know.
struct RecordHead: Equatable {
    var sequence: UInt64
    var run: RunID
    var acceptedAt: Int64
    var unit: IPv4Address
    /// Bytes of the whole record.
    var length: Int

    init(intact record: UnsafeRawBufferPointer) {
        sequence = record.littleEndian(8, as: UInt64.self)
        run = RunID(
            high: record.littleEndian(16, as: UInt64.self), low: record.littleEndian(24, as: UInt64.self))
        acceptedAt = record.littleEndian(32, as: Int64.self)
        unit = IPv4Address(bits: record.littleEndian(40, as: UInt32.self))
        length = record.count
    }
}
