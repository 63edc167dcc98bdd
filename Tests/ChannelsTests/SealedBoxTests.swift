import Foundation
import TestSupport
import Testing

@testable import Channels

@Suite struct SealedBoxTests {
    private struct Vector: Decodable {
        let name: String
        let channel: String
        let master: HexBytes
        let key: HexBytes
        let nonce: HexBytes
        let message: String
        let ciphertext: HexBytes
    }

    private func vectors() throws -> [Vector] {
        let vectors = try VectorFile<Vector>.load("secretbox").vectors
        #expect(vectors.count == 5)
        return vectors
    }

    @Test("CH-008: seals and opens each message as PyNaCl and pusher do, with the key of channel and master key")
    func independentVectors() throws {
        for vector in try vectors() {
            let master = try #require(EncryptionMasterKey(vector.master.bytes))
            let key = AppCredentials.sharedSecret(channel: try ChannelName(vector.channel), masterKey: master)
            #expect(key.bytes == vector.key.bytes, "\(vector.name)")
            let message = Array(vector.message.utf8)
            let sealed = try #require(SealedBox(sealing: message, with: key, nonce: vector.nonce.bytes))
            #expect(sealed.ciphertext == vector.ciphertext.bytes, "\(vector.name)")
            #expect(sealed.opened(with: key) == message, "\(vector.name)")
            #expect(SealedBox(json: sealed.json) == sealed, "\(vector.name)")
        }
    }

    @Test(
        "CH-008: the vectors are what the independent implementations make",
        .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
    func vectorsAreMade() async throws {
        let made = try await PythonPeer.run("secretbox_vectors.py").joined(separator: "\n") + "\n"
        let file = repositoryRoot.appending(path: "firmware-spec/vectors/secretbox.json")
        #expect(try String(contentsOf: file, encoding: .utf8) == made)
    }

    @Test("a change of any bit of nonce or ciphertext, and any other key, is found")
    func changes() throws {
        let vector = try #require(try vectors().first { $0.name == "a request" })
        let key = try #require(SharedSecret(vector.key.bytes))
        for bit in 0..<(vector.nonce.bytes.count + vector.ciphertext.bytes.count) * 8 {
            var bytes = vector.nonce.bytes + vector.ciphertext.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            let box = SealedBox(nonce: Array(bytes[..<24]), ciphertext: Array(bytes[24...]))
            #expect(try #require(box).opened(with: key) == nil, "bit \(bit)")
        }
        let box = try #require(SealedBox(nonce: vector.nonce.bytes, ciphertext: vector.ciphertext.bytes))
        for bit in 0..<256 {
            var other = key.bytes
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(box.opened(with: try #require(SharedSecret(other))) == nil, "bit \(bit)")
        }
    }

    @Test("what is no box is none: lengths, kinds and base64 that do not fit")
    func malformed() throws {
        let nonce = String(repeating: "A", count: 32)
        let least = Data(repeating: 0, count: 16).base64EncodedString()
        #expect(SealedBox(json: ["nonce": .string(nonce), "ciphertext": .string(least)]) != nil)
        let bad: [JSONValue] = [
            nil, "x", [], [:], ["nonce": .string(nonce)], ["ciphertext": .string(least)],
            ["nonce": .string(nonce + "AAAA"), "ciphertext": .string(least)],
            ["nonce": .string(nonce), "ciphertext": "AAAA"], ["nonce": .string(nonce), "ciphertext": ""],
            ["nonce": "?", "ciphertext": .string(least)], ["nonce": 5, "ciphertext": .string(least)],
            ["nonce": .string(nonce), "ciphertext": .string(least + "\n")],
        ]
        for json in bad { #expect(SealedBox(json: json) == nil, "\(json.text)") }
    }

    @Test("a key is exactly 32 bytes, and is never printed")
    func secret() throws {
        #expect(SharedSecret([UInt8](repeating: 1, count: 31)) == nil)
        #expect(SharedSecret([UInt8](repeating: 1, count: 33)) == nil)
        #expect(SharedSecret(base64: "no base64") == nil)
        let secret = try #require(SharedSecret([UInt8](repeating: 65, count: 32)))
        #expect(SharedSecret(base64: secret.base64) == secret)
        #expect("\(secret) \(String(reflecting: secret))" == "(hidden) (hidden)")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("65"))
    }
}
