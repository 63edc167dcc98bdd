import TestSupport
import Testing

@testable import PeerLink

struct StunMessageTests {
    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var kind: String
        var transaction: HexBytes
        var software: String
        var priority: UInt32?
        var controlled: HexBytes?
        var username: String?
        var mapped: String?
        var port: UInt16?
        var password: String
        var padding: UInt8
        var bytes: HexBytes

        var testDescription: String { name }

        /// The message that the vector describes, its attributes in the vector's order.
        func message() throws -> StunMessage {
            var attributes: [StunAttribute] = [.software(software)]
            if let priority { attributes.append(.priority(priority)) }
            if let controlled {
                attributes.append(.iceControlled(tieBreaker: controlled.bytes.reduce(0) { $0 << 8 | UInt64($1) }))
            }
            if let username { attributes.append(.username(username)) }
            if let mapped, let port {
                attributes.append(.xorMappedAddress(try #require(PeerAddress(host: mapped, port: port))))
            }
            let transaction = try #require(TransactionID(bytes: transaction.bytes))
            return StunMessage(
                kind == "request" ? .request : .success, transaction: transaction, attributes: attributes)
        }
    }

    static let vectors = Result {
        try VectorFile<Vector>.load("stun", in: "Tests/PeerLinkTests/Vectors").vectors
    }

    @Test("the messages of RFC 5769 are understood, and their codes are right", arguments: try vectors.get())
    func parsing(_ vector: Vector) throws {
        let received = try ReceivedStun(vector.bytes.bytes)
        #expect(received.message == (try vector.message()))
        #expect(received.isSigned(with: vector.password))
        #expect(!received.isSigned(with: vector.password + "x"))
    }

    @Test("the messages of RFC 5769 are made, byte for byte", arguments: try vectors.get())
    func encoding(_ vector: Vector) throws {
        let bytes = try vector.message().encoded(password: vector.password, padding: vector.padding)
        #expect(bytes == vector.bytes.bytes)
    }

    @Test("a message with any one bit changed is refused, or is not authentic", arguments: try vectors.get())
    func changedBits(_ vector: Vector) throws {
        // The last attribute is the checksum, whose own bits are told by itself.
        for bit in 0..<vector.bytes.bytes.count * 8 {
            var bytes = vector.bytes.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            let received = try? ReceivedStun(bytes)
            #expect(
                received.map { $0.isSigned(with: vector.password) } != true || bit / 8 >= bytes.count - 8, "bit \(bit)")
        }
    }

    @Test("a message that is cut off anywhere is refused", arguments: try vectors.get())
    func cutOff(_ vector: Vector) {
        for count in 0..<vector.bytes.bytes.count {
            #expect(throws: StunError.self) { try ReceivedStun(Array(vector.bytes.bytes.prefix(count))) }
        }
    }

    @Test("noise is refused, and never crashes")
    func noiseIsRefused() {
        for seed in 0..<20_000 {
            var bytes = noise(seed % 200, seed: UInt64(seed))
            // Every other one has the look of a message.
            if seed.isMultiple(of: 2), bytes.count >= 20 {
                bytes[0] = 0
                bytes[1] = 1
                bytes[2] = 0
                bytes[3] = UInt8(bytes.count - 20)
                bytes.replaceSubrange(4..<8, with: StunMessage.cookie)
            }
            let received = try? ReceivedStun(bytes)
            #expect(received?.isSigned(with: "password") != true)
        }
    }

    @Test("refusals say what is wrong")
    func texts() {
        var bytes = [UInt8](repeating: 0, count: 20)
        func refusal(_ bytes: [UInt8]) -> String {
            do {
                _ = try ReceivedStun(bytes)
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(refusal([1, 2, 3]) == "a STUN message has at least 20 bytes, this one has 3")
        #expect(refusal(bytes) == "the magic cookie is not 2112A442")
        bytes.replaceSubrange(4..<8, with: StunMessage.cookie)
        #expect(refusal(bytes) == "method 0x0 is not Binding")
        #expect(refusal(bytes + [0]) == "the header says 0 bytes of attributes, there are 1")
        #expect(
            refusal([0, 1, 0, 4] + bytes[4...] + [0, 6, 0, 1]) == "attribute 0x6 goes on after the message's end")
        #expect(
            refusal([0, 1, 0, 4] + bytes[4...] + [0, 0x24, 0, 0])
                == "attribute 0x24 has a value that its type cannot have")
        #expect(
            refusal([0, 1, 0, 8] + bytes[4...] + [0x80, 0x28, 0, 4, 1, 2, 3, 4])
                == "FINGERPRINT is not the checksum of the message")
    }
}
