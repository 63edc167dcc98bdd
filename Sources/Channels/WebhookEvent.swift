/// Something that the broker tells other servers of.
public struct WebhookEvent: Equatable, Sendable, Encodable {
    public enum Name: String, Equatable, Sendable, Encodable {
        case channelOccupied = "channel_occupied"
        case channelVacated = "channel_vacated"
        case memberAdded = "member_added"
        case memberRemoved = "member_removed"
        case clientEvent = "client_event"
        case cacheMiss = "cache_miss"
        case subscriptionCount = "subscription_count"
    }

    public var name: Name
    public var channel: String
    public var userID: String?
    public var event: String?
    public var data: String?
    public var socketID: String?
    public var subscriptionCount: Int?

    public init(
        _ name: Name, _ channel: ChannelName, userID: String? = nil, event: String? = nil, data: String? = nil,
        socketID: SocketID? = nil, subscriptionCount: Int? = nil
    ) {
        self.name = name
        self.channel = channel.text
        self.userID = userID
        self.event = event
        self.data = data
        self.socketID = socketID?.description
        self.subscriptionCount = subscriptionCount
    }

    enum CodingKeys: String, CodingKey {
        case name, channel, event, data
        case userID = "user_id"
        case socketID = "socket_id"
        case subscriptionCount = "subscription_count"
    }
}
