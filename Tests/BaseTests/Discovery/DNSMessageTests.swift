import TestSupport
import Testing
import UnitProtocol

@testable import Base

@Suite struct DNSMessageTests {
    /// A response of python-zeroconf 0.154.0: a pointer, a service, a text and, as additional, an address.
    static let response =
        "000084000000000300000001095f696f742d756e6974045f746370056c6f63616c00000c000100001194000c0948616c6c206c616d70c00c"
        + "c02c0021800100000078000d0000000022b80468616c6cc01bc02c0010800100001194000f0e6b696e643d757064617461626c65"
        + "c04a00018001000000780004c0a8011e"
    /// Its query for the service.
    static let query = "000000000001000000000000095f696f742d756e6974045f746370056c6f63616c00000c0001"

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    static func parsed() throws -> DNSMessage {
        let service = try #require(DNSName("_iot-unit._tcp.local"))
        let instance = try #require(DNSName("Hall lamp._iot-unit._tcp.local"))
        let host = try #require(DNSName("hall.local"))
        return DNSMessage(
            flags: 0x8400,
            answers: [
                DNSRecord(name: service, timeToLive: 4500, contents: .ptr(instance)),
                DNSRecord(
                    name: instance, classBits: 0x8001, timeToLive: 120,
                    contents: .srv(priority: 0, weight: 0, port: 8888, target: host)),
                DNSRecord(
                    name: instance, classBits: 0x8001, timeToLive: 4500,
                    contents: .txt([Array("kind=updatable".utf8)])),
            ],
            additionals: [
                DNSRecord(
                    name: host, classBits: 0x8001, timeToLive: 120, contents: .a(try IPv4Address("192.168.1.30")))
            ])
    }

    @Test("a response of python-zeroconf is read, and written to the same bytes")
    func response() throws {
        let message = try DNSMessage(Self.bytes(Self.response))
        #expect(message == (try Self.parsed()))
        #expect(message.isResponse)
        #expect(message.encoded == Self.bytes(Self.response))
    }

    @Test("a query is written as python-zeroconf writes it")
    func query() throws {
        let service = try #require(DNSName(AnnouncedUnit.service))
        let question = DNSQuestion(name: service, type: DNSRecord.Kind.ptr)
        #expect(DNSMessage(questions: [question]).encoded == Self.bytes(Self.query))
    }

    @Test("the names of RFC 1035's example of compression are read")
    func compression() throws {
        // Section 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
        var bytes = [UInt8](repeating: 0xFF, count: 93)
        bytes.replaceSubrange(20..<32, with: [1] + "F".utf8 + [3] + "ISI".utf8 + [4] + "ARPA".utf8 + [0])
        bytes.replaceSubrange(40..<46, with: [3] + "FOO".utf8 + [0xC0, 20])
        bytes.replaceSubrange(64..<66, with: [0xC0, 26])
        bytes[92] = 0
        var names: [String] = []
        for place in [20, 40, 64, 92] {
            var reader = DNSReader(bytes)
            _ = try reader.take(place)
            names.append("\(try reader.name())")
        }
        #expect(names == ["F.ISI.ARPA", "FOO.F.ISI.ARPA", "ARPA", ""])
    }

    @Test("names that point at themselves, forwards or in circles are refused, as are labels of unknown kinds")
    func loops() {
        func error(_ name: [UInt8]) -> DNSError? {
            #expect(throws: DNSError.self) {
                try DNSMessage([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name + [0, 12, 0, 1])
            }
        }
        #expect(error([0xC0, 12]) == .badName)
        #expect(error([0xC0, 14]) == .badName)
        #expect(error([1, 0x61, 0xC0, 12]) == .badName)
        #expect(error([0x40, 0x61, 0]) == .badName)
        #expect(error([63]) == .truncated)
        #expect(error((0..<5).flatMap { _ in [63] + [UInt8](repeating: 0x61, count: 63) } + [0]) == .badName)
    }

    @Test("a message that is cut anywhere is refused, and so is one with too much of everything")
    func cut() {
        let whole = Self.bytes(Self.response)
        for count in 0..<whole.count {
            #expect(throws: DNSError.self, "\(count) bytes") { try DNSMessage(Array(whole.prefix(count))) }
        }
        #expect(throws: DNSError.tooLong) { try DNSMessage(whole + [UInt8](repeating: 0, count: 9000)) }
        #expect(throws: DNSError.tooManyRecords) { try DNSMessage([0, 0, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0]) }
    }

    @Test("data that do not fill their record are refused")
    func data() {
        func error(type: UInt8, _ data: [UInt8]) -> DNSError? {
            let head: [UInt8] = [0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, type, 0, 1, 0, 0, 0, 9]
            return #expect(throws: DNSError.self) { try DNSMessage(head + [0, UInt8(data.count)] + data) }
        }
        #expect(error(type: 1, [1, 2, 3]) == .badData(type: 1))
        #expect(error(type: 12, [0, 0]) == .badData(type: 12))
        #expect(error(type: 16, [2, 1]) == .truncated)
        #expect(error(type: 33, [0, 0, 0, 0, 0, 0]) == .truncated)
    }

    @Test("whatever bytes come are read or refused, and what is read is read again from what is written")
    func fuzz() throws {
        let whole = Self.bytes(Self.response)
        for seed in 0..<5000 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var bytes = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count * 3, using: &random)))
            guard let message = try? DNSMessage(bytes) else { continue }
            #expect(try DNSMessage(message.encoded) == message, "seed \(seed)")
        }
    }
}
