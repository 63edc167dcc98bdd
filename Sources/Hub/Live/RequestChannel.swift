import Channels

/// How the hub passes requests on: in clear, or end-to-end encrypted.
struct RequestChannel: Sendable {
    static let event = "update.request"

    /// Nil: in clear.
    let encryption: SharedSecret?

    /// - Parameter masterKey: The app's; nil to send in clear.
    /// - Throws: `ChannelNameError`, which does not happen.
    init(masterKey: EncryptionMasterKey?) throws {
        let name = try ChannelName(HubChannel.encryptedRequests)
        encryption = masterKey.map { AppCredentials.sharedSecret(channel: name, masterKey: $0) }
    }

    var name: String { encryption == nil ? HubChannel.requests : HubChannel.encryptedRequests }

    /// The event's data for the wire; each call seals with a nonce of its own.
    ///
    /// - Parameter text: The request as JSON text.
    func data(_ text: String) throws -> String {
        guard let encryption else { return text }
        let nonce = [UInt8].random(SealedBox.nonceBytes)
        guard let box = SealedBox(sealing: Array(text.utf8), with: encryption, nonce: nonce) else {
            throw APIError.failed
        }
        return box.json.text
    }
}
