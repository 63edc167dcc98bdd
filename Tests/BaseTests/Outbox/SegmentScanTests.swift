import Testing
import UnitProtocol

@testable import Base

@Suite("Segments: records, headers and the scan")
struct SegmentScanTests {
    private static func record(_ sequence: UInt64, _ text: String) throws -> OutboxRecord {
        OutboxRecord(
            key: OutboxKey(run: RunID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210), sequence: sequence),
            unit: .test(7), acceptedAt: 1_700_000_000_000, measurement: try Measurement(text))
    }

    private static func segment(_ records: [OutboxRecord]) -> [UInt8] {
        var bytes = SegmentHeader(run: RunID(high: 1, low: 2), first: 5).bytes
        for record in records { record.encode(into: &bytes) }
        return bytes
    }

    private static func scan(_ bytes: [UInt8]) -> (scan: SegmentScan, texts: [String]) {
        var texts: [String] = []
        let scan = bytes.withUnsafeBytes { bytes in
            SegmentScan(bytes, from: SegmentHeader.count) { _, record in
                texts.append(OutboxRecord(intact: record)?.measurement.text ?? "not a measurement")
            }
        }
        return (scan, texts)
    }

    @Test("A record is these bytes, and comes back from them")
    func golden() throws {
        let record = try Self.record(0x0102_0304_0506_0708, "21 °C")
        var bytes: [UInt8] = []
        record.encode(into: &bytes)
        #expect(bytes == Self.golden + Array("21 °C".utf8))
        let intact = bytes.withUnsafeBytes { OutboxRecord.intact(in: $0, at: 0).flatMap(OutboxRecord.init) }
        #expect(intact == record)
        #expect(record.key.description == "0123456789abcdeffedcba9876543210-72623859790382856")
        #expect(OutboxKey(record.key.description) == record.key)
    }

    /// The checksum is Python's: `zlib.crc32(record[:4] + record[8:])`.
    private static let golden: [UInt8] = [
        0xB7, 0x1E, 50, 0, 0xA1, 0x3F, 0x8A, 0x6A, 8, 7, 6, 5, 4, 3, 2, 1, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23,
        0x01,
        0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE, 0x00, 0x68, 0xE5, 0xCF, 0x8B, 0x01, 0, 0, 7, 0, 0, 10,
    ]

    @Test(
        "What is not a key is none",
        arguments: [
            "", "-", "0123456789abcdeffedcba9876543210", "0123456789abcdeffedcba9876543210-",
            "0123456789ABCDEFFEDCBA9876543210-1",
            "0123456789abcdeffedcba9876543210-01", "0123456789abcdeffedcba9876543210-+1", "1-1",
            "+123456789abcdeffedcba9876543210-1",
        ])
    func keys(_ text: String) {
        #expect(OutboxKey(text) == nil)
    }

    @Test("A segment that is cut off at any byte has the records before the cut")
    func cuts() throws {
        let texts = ["1", "22", "333", "4444"]
        let records = try texts.enumerated().map { try Self.record(UInt64($0.offset + 5), $0.element) }
        let whole = Self.segment(records)
        var ends = [SegmentHeader.count]
        for record in records { ends.append((ends.last ?? 0) + record.encodedCount) }
        for cut in SegmentHeader.count...whole.count {
            let found = Self.scan(Array(whole[..<cut]))
            let count = ends.filter { $0 <= cut }.count - 1
            #expect(found.texts == Array(texts.prefix(count)))
            #expect(found.scan.end == ends[count])
            #expect(found.scan.gaps == [])
            #expect(
                found.scan.tail
                    == (cut == ends[count] ? nil : .init(offset: ends[count], count: cut - ends[count], records: 1)))
        }
    }

    @Test("A byte that is turned over costs its own record and no other")
    func flips() throws {
        let texts = ["1", "22", "333", "4444"]
        let records = try texts.enumerated().map { try Self.record(UInt64($0.offset + 5), $0.element) }
        let whole = Self.segment(records)
        var start = SegmentHeader.count
        for (index, record) in records.enumerated() {
            for place in start..<start + record.encodedCount {
                for mask in [UInt8(1), 0x80, 0xFF] {
                    var bytes = whole
                    bytes[place] ^= mask
                    let found = Self.scan(bytes)
                    #expect(found.texts == texts.enumerated().filter { $0.offset != index }.map(\.element))
                    #expect(found.scan.damages.map(\.offset) == [start])
                    #expect(found.scan.damages.map(\.count) == [record.encodedCount])
                }
            }
            start += record.encodedCount
        }
    }

    @Test("A length that lies leads nowhere: nothing longer than a record may be is looked at")
    func hostileLengths() throws {
        for length in [UInt16(0), 1, 43, 44, 1069, 0x7FFF, 0xFFFF] {
            var bytes = Self.segment([try Self.record(5, "1")])
            let start = bytes.count
            bytes.append(littleEndian: OutboxRecord.marker)
            bytes.append(littleEndian: length)
            bytes += [UInt8](repeating: 0xA5, count: 70_000)
            try Self.record(6, "2").encode(into: &bytes)
            let found = Self.scan(bytes)
            #expect(found.texts == ["1", "2"])
            #expect(found.scan.gaps == [.init(offset: start, count: 70_004, records: 1)])
        }
    }

    @Test("A header that is damaged is told from one of another version")
    func headers() throws {
        let header = SegmentHeader(run: RunID(high: 3, low: 4), first: 9)
        #expect(header.bytes.count == SegmentHeader.count)
        #expect(header.bytes.withUnsafeBytes(SegmentHeader.read) == .header(header))
        for place in header.bytes.indices {
            var bytes = header.bytes
            bytes[place] ^= 0x10
            #expect(bytes.withUnsafeBytes(SegmentHeader.read) == .damaged)
            #expect(Array(header.bytes[..<place]).withUnsafeBytes(SegmentHeader.read) == .torn)
        }
    }

    @Test("Acknowledgements come back as ranges, whatever is damaged between them")
    func acknowledgements() {
        var bytes = Acknowledgements.encode([7, 8, 9, 20, 22, 23, .max])
        #expect(bytes.count == 4 * Acknowledgements.entryBytes)
        #expect(bytes.withUnsafeBytes(Acknowledgements.decode) == [7...9, 20...20, 22...23, .max ... .max])
        bytes += Acknowledgements.encode([1, 2, 8, 9, 10])
        #expect(bytes.withUnsafeBytes(Acknowledgements.decode) == [1...2, 7...10, 20...20, 22...23, .max ... .max])
        bytes[17] ^= 1
        #expect(
            bytes.dropLast().withUnsafeBytes(Acknowledgements.decode) == [1...2, 7...9, 22...23, .max ... .max])
        var cursor = RangeCursor([1...2, 7...9])
        #expect([0, 1, 2, 3, 7, 9, 10].map { cursor.contains($0) } == [false, true, true, false, true, true, false])
    }
}
