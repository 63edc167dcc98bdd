import CSodium
import Foundation

/// The data of an event on an end-to-end encrypted channel: NaCl's secretbox (XSalsa20 and Poly1305) as libsodium's
/// `crypto_secretbox_easy` writes it.
///
/// A value without I/O: whoever seals gives the nonce, which no two messages of a key may share.
public struct SealedBox: Equatable, Sendable {
    public static let nonceBytes = 24
    /// Poly1305's authenticator, which stands before the encrypted bytes.
    public static let authenticatorBytes = 16

    public let nonce: [UInt8]
    /// The authenticator, then as many bytes as the message has.
    public let ciphertext: [UInt8]

    /// Nil when the nonce has not ``nonceBytes`` bytes, or the ciphertext is shorter than an authenticator.
    public init?(nonce: [UInt8], ciphertext: [UInt8]) {
        guard nonce.count == Self.nonceBytes, ciphertext.count >= Self.authenticatorBytes else { return nil }
        self.nonce = nonce
        self.ciphertext = ciphertext
    }

    /// Encrypts a message.
    ///
    /// - Parameter nonce: ``nonceBytes`` random bytes, used for this message alone. Nil comes back for any other number.
    public init?(sealing message: [UInt8], with key: SharedSecret, nonce: [UInt8]) {
        guard Self.isReady, nonce.count == Self.nonceBytes else { return nil }
        var ciphertext = [UInt8](repeating: 0, count: Self.authenticatorBytes + message.count)
        guard crypto_secretbox_easy(&ciphertext, message, UInt64(message.count), nonce, key.bytes) == 0 else {
            return nil
        }
        self.init(nonce: nonce, ciphertext: ciphertext)
    }

    /// Reads `{"nonce": "...", "ciphertext": "..."}`, both in base64.
    public init?(json: JSONValue) {
        guard let nonce = Self.bytes(json["nonce"]), let ciphertext = Self.bytes(json["ciphertext"]) else { return nil }
        self.init(nonce: nonce, ciphertext: ciphertext)
    }

    public var json: JSONValue {
        [
            "nonce": .string(Data(nonce).base64EncodedString()),
            "ciphertext": .string(Data(ciphertext).base64EncodedString()),
        ]
    }

    /// The message; nil when it was sealed with another key, or changed since.
    public func opened(with key: SharedSecret) -> [UInt8]? {
        guard Self.isReady else { return nil }
        var message = [UInt8](repeating: 0, count: ciphertext.count - Self.authenticatorBytes)
        guard crypto_secretbox_open_easy(&message, ciphertext, UInt64(ciphertext.count), nonce, key.bytes) == 0 else {
            return nil
        }
        return message
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        value?.string.flatMap { Data(base64Encoded: $0) }.map(Array.init)
    }

    /// libsodium chooses the fastest code for this machine once; 1 says that it had done so before.
    private static let isReady = sodium_init() >= 0
}
