import Crypto
import Foundation

/// An app's identity on a broker, and all that its secret signs.
///
/// Every signature is HMAC-SHA256 in lower-case hex. Comparisons take the same time wherever two texts differ.
public struct AppCredentials: Equatable, Sendable {
    public let id: String
    /// Public: it stands in the address of the WebSocket.
    public let key: String
    public let secret: String

    public init(id: String, key: String, secret: String) {
        self.id = id
        self.key = key
        self.secret = secret
    }

    /// What a subscription to a private, private-encrypted or presence channel carries: `KEY:signature`.
    ///
    /// - Parameter channelData: The member as JSON text, on presence channels only; it is signed as it stands.
    public func channelAuthorization(socketID: SocketID, channel: ChannelName, channelData: String? = nil) -> String {
        "\(key):\(sign(Self.channelText(socketID, channel, channelData)))"
    }

    public func verifies(
        _ authorization: String, socketID: SocketID, channel: ChannelName, channelData: String? = nil
    ) -> Bool {
        isEqualInConstantTime(
            authorization,
            channelAuthorization(socketID: socketID, channel: channel, channelData: channelData))
    }

    /// What `pusher:signin` carries: `KEY:signature` over the user's JSON text.
    public func userAuthorization(socketID: SocketID, userData: String) -> String {
        "\(key):\(sign("\(socketID)::user::\(userData)"))"
    }

    public func verifies(_ authorization: String, socketID: SocketID, userData: String) -> Bool {
        isEqualInConstantTime(authorization, userAuthorization(socketID: socketID, userData: userData))
    }

    /// The header `X-Pusher-Signature` of a webhook with this body.
    public func webhookSignature(body: some Sequence<UInt8>) -> String {
        sign(Array(body))
    }

    /// The key of an encrypted channel: SHA-256 of the channel's name and the master key.
    public static func sharedSecret(channel: ChannelName, masterKey: EncryptionMasterKey) -> SharedSecret {
        SharedSecret(hashing: Array(channel.text.utf8) + masterKey.bytes)
    }

    func sign(_ text: String) -> String { sign(Array(text.utf8)) }

    private func sign(_ bytes: [UInt8]) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        return hex(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
    }

    private static func channelText(_ socketID: SocketID, _ channel: ChannelName, _ channelData: String?) -> String {
        guard let channelData else { return "\(socketID):\(channel)" }
        return "\(socketID):\(channel):\(channelData)"
    }
}

/// The 32 bytes from which every encrypted channel's key is derived. Publishers hold it; brokers need not.
public struct EncryptionMasterKey: Equatable, Sendable {
    public let bytes: [UInt8]

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }
}

/// Bytes in lower-case hex.
func hex(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in bytes {
        if byte < 16 { text += "0" }
        text += String(byte, radix: 16)
    }
    return text
}

/// Compares without telling by its time where two texts differ; their lengths are no secret.
func isEqualInConstantTime(_ left: String, _ right: String) -> Bool {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
}
