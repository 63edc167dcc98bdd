import Crypto
import Foundation

/// Says who may listen to which channel, and signs that (Pusher Channels, protocol 7).
struct ChannelAuthorizer: Sendable {
    /// The answer of the authorization endpoint.
    struct Authorization: Equatable, Sendable, Encodable {
        var auth: String
        /// Who the listener is, as JSON text: presence channels only.
        var channelData: String?
        /// The key of an end-to-end encrypted channel, in base64.
        var sharedSecret: String?

        private enum CodingKeys: String, CodingKey {
            case auth
            case channelData = "channel_data"
            case sharedSecret = "shared_secret"
        }
    }

    let credentials: HubCredentials

    /// - Throws: ``APIError/invalid(_:)`` for a socket or a channel that cannot be, ``APIError/channelForbidden``.
    func authorize(socket: String, channel: String, for caller: Caller) throws(APIError) -> Authorization {
        guard Self.isSocketID(socket) else {
            throw .invalid("socket_id: must be two numbers with a point between them, such as 123.456")
        }
        guard Self.isChannelName(channel), Self.needsAuthorization(channel) else {
            throw .invalid("channel_name: must be the name of a private or presence channel")
        }
        guard Self.permits(caller, channel: channel) else { throw .channelForbidden }
        let member = channel.hasPrefix("presence-") ? Self.member(caller) : nil
        let signed = [socket, channel, member].compactMap(\.self).joined(separator: ":")
        return Authorization(
            auth: "\(credentials.key):\(signature(of: signed))", channelData: member,
            sharedSecret: channel.hasPrefix("private-encrypted-") ? sharedSecret(of: channel) : nil)
    }

    private static func permits(_ caller: Caller, channel: String) -> Bool {
        switch caller {
        case .user, .token(_, .admin): true
        case .token(_, .read): channel == HubChannel.dashboard
        case .token(_, .base): [HubChannel.requests, HubChannel.encryptedRequests].contains(channel)
        }
    }

    private static func member(_ caller: Caller) -> String {
        struct Member: Encodable {
            let id: String
            let info: [String: String]

            private enum CodingKeys: String, CodingKey {
                case id = "user_id"
                case info = "user_info"
            }
        }
        switch caller {
        case .user(let user, _):
            return LiveEvents.json(Member(id: "user-\(user.id)", info: ["name": user.name]))
        case .token(let id, _):
            return LiveEvents.json(Member(id: "token-\(id)", info: [:]))
        }
    }

    private func signature(of text: String) -> String {
        let key = SymmetricKey(data: Array(credentials.secret.utf8))
        return Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)).hex
    }

    private func sharedSecret(of channel: String) -> String? {
        guard let master = Data(base64Encoded: credentials.encryptionMasterKey) else { return nil }
        return Data(SHA256.hash(data: Data(channel.utf8) + master)).base64EncodedString()
    }

    private static func needsAuthorization(_ channel: String) -> Bool {
        channel.hasPrefix("private-") || channel.hasPrefix("presence-")
    }

    private static func isSocketID(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                (1...20).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            }
    }

    /// Up to 200 of `[-a-zA-Z0-9_=@,.;]`.
    private static func isChannelName(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                        || "-_=@,.;".unicodeScalars.contains(scalar))
            }
    }
}
