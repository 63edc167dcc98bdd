/// A file of dead letters, all numbers little-endian. It is written as a whole and never changed: another one takes its
/// place.
///
///      0  magic, "iot-dead"
///      8  version
///     12  CRC-32 of bytes 0 to 11
///
/// and then for each letter
///
///      0  length of the whole letter
///      4  CRC-32 of bytes 0 to 3 and 8 to the end
///      8  refused at, milliseconds since 1970
///     16  status
///     18  length of the record that follows, as it stood in its segment; the rest is the reason, UTF-8
enum DeadLetterFile {
    static let version: UInt32 = 1
    private static let magic = Array("iot-dead".utf8)
    private static let headerBytes = 16
    private static let headBytes = 20
    private static let mostBytes = headBytes + OutboxRecord.mostBytes + DeadLetter.mostReasonBytes

    static func encode(_ letters: [DeadLetter]) -> [UInt8] {
        var bytes = magic
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: bytes.withUnsafeBytes(Checksum.of))
        for letter in letters { encode(letter, into: &bytes) }
        return bytes
    }

    private static func encode(_ letter: DeadLetter, into bytes: inout [UInt8]) {
        let start = bytes.count
        let reason = reasonBytes(letter.reason)
        let length = headBytes + letter.record.encodedCount + reason.count
        bytes.append(littleEndian: UInt32(length))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: letter.refusedAt)
        bytes.append(littleEndian: letter.status)
        bytes.append(littleEndian: UInt16(letter.record.encodedCount))
        letter.record.encode(into: &bytes)
        bytes += reason
        let checksum = bytes.withUnsafeBytes { Self.checksum(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        bytes.replace(at: start + 4, littleEndian: checksum)
    }

    /// As many whole characters as may be kept.
    private static func reasonBytes(_ reason: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for character in reason {
            guard bytes.count + character.utf8.count <= DeadLetter.mostReasonBytes else { break }
            bytes += character.utf8
        }
        return bytes
    }

    private static func checksum(_ letter: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = Checksum()
        checksum.add(UnsafeRawBufferPointer(rebasing: letter[..<4]))
        checksum.add(UnsafeRawBufferPointer(rebasing: letter[8...]))
        return checksum.value
    }

    /// The intact letters. A damaged one is left out; where its length cannot be believed, so are those after it.
    ///
    /// - Throws: The version, when it is not known.
    static func decode(_ bytes: [UInt8]) throws(UnknownVersion) -> [DeadLetter] {
        let result: Result<[DeadLetter], UnknownVersion> = bytes.withUnsafeBytes { bytes in
            guard bytes.count >= headerBytes, bytes[..<8].elementsEqual(magic),
                Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<12])) == bytes.littleEndian(12, as: UInt32.self)
            else { return .success([]) }
            let found = bytes.littleEndian(8, as: UInt32.self)
            guard found == version else { return .failure(UnknownVersion(version: found)) }
            return .success(letters(bytes))
        }
        return try result.get()
    }

    struct UnknownVersion: Error, Equatable {
        var version: UInt32
    }

    private static func letters(_ bytes: UnsafeRawBufferPointer) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        var place = headerBytes
        while bytes.count - place > headBytes {
            let length = Int(bytes.littleEndian(place, as: UInt32.self))
            guard length > headBytes, length <= min(mostBytes, bytes.count - place) else { break }
            let letter = UnsafeRawBufferPointer(rebasing: bytes[place..<place + length])
            if checksum(letter) == letter.littleEndian(4, as: UInt32.self), let read = Self.letter(letter) {
                letters.append(read)
            }
            place += length
        }
        return letters
    }

    private static func letter(_ bytes: UnsafeRawBufferPointer) -> DeadLetter? {
        let end = headBytes + Int(bytes.littleEndian(18, as: UInt16.self))
        guard end <= bytes.count,
            let record = OutboxRecord.intact(
                in: UnsafeRawBufferPointer(rebasing: bytes[headBytes..<end]), at: 0
            ).flatMap(OutboxRecord.init)
        else { return nil }
        return DeadLetter(
            record: record, refusedAt: bytes.littleEndian(8, as: Int64.self),
            status: bytes.littleEndian(16, as: UInt16.self), reason: String(decoding: bytes[end...], as: UTF8.self))
    }
}
