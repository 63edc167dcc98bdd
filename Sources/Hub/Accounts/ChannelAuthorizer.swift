import Channels
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
        guard let socketID = SocketID(socket) else {
            throw .invalid("socket_id: must be two numbers with a point between them, such as 123.456")
        }
        guard let name = try? ChannelName(channel), name.kind.isPrivate else {
            throw .invalid("channel_name: must be the name of a private or presence channel")
        }
        guard Self.permits(caller, channel: channel) else { throw .channelForbidden }
        let member = name.kind.isPresence ? Self.member(caller) : nil
        let key = name.kind.isEncrypted ? credentials.masterKey : nil
        return Authorization(
            auth: credentials.app.channelAuthorization(socketID: socketID, channel: name, channelData: member),
            channelData: member,
            sharedSecret: key.map { AppCredentials.sharedSecret(channel: name, masterKey: $0).base64 })
    }

    private static func permits(_ caller: Caller, channel: String) -> Bool {
        switch caller {
        case .user, .token(_, .admin): true
        case .token(_, .read): channel == HubChannel.dashboard
        case .token(_, .base): HubChannel.ofRequests.contains(channel)
        case .token(_, .device): false
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
}
