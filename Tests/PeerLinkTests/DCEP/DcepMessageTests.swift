import TestSupport
import Testing

@testable import PeerLink

struct DcepMessageTests {
    /// Written by hand from the figures of RFC 8832, 5.1 and 5.2.
    static let messages: [(bytes: [UInt8], message: DcepMessage)] = [
        ([2], .ack),
        ([3, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x61], .open(.init(label: "a"))),
        (
            [3, 0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            .open(.init(label: "", isOrdered: false, reliability: .retransmissions(0)))
        ),
        (
            [3, 0x02, 2, 0, 0, 0, 1, 0xF4, 0, 2, 0, 1, 0xC3, 0xA4, 0x70],
            .open(
                .init(
                    label: "ä", subprotocol: "p", isOrdered: true, reliability: .lifetime(milliseconds: 500),
                    priority: 512))
        ),
    ]

    @Test("messages are read and written as RFC 8832 draws them", arguments: messages)
    func drawn(bytes: [UInt8], message: DcepMessage) throws {
        #expect(try DcepMessage(bytes) == message)
        #expect(message.bytes == bytes)
    }

    @Test("what is cut off or has a byte too much is refused", arguments: messages)
    func lengths(bytes: [UInt8], message: DcepMessage) {
        for count in 0..<bytes.count {
            #expect(throws: DcepError.self) { try DcepMessage(Array(bytes.prefix(count))) }
        }
        #expect(throws: DcepError.wrongLength(bytes: bytes.count + 1)) { try DcepMessage(bytes + [0]) }
    }

    @Test("other types and text that is not UTF-8 are refused")
    func others() {
        #expect(throws: DcepError.unknownType(nil)) { try DcepMessage([]) }
        #expect(throws: DcepError.unknownType(4)) { try DcepMessage([4]) }
        #expect(throws: DcepError.unknownChannelType(3)) { try DcepMessage([3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: DcepError.notUTF8) { try DcepMessage([3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0xFF]) }
        for seed in 0..<20_000 {
            let bytes = [3] + noise(seed % 40, seed: UInt64(seed))
            if let message = try? DcepMessage(bytes) { #expect(message.bytes.count == bytes.count) }
        }
    }
}
