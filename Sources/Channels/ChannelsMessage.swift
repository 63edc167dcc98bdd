/// One text frame of the Pusher protocol.
///
/// A server writes `data` as a string that holds JSON, a client as a JSON object; both are read from either.
public struct ChannelsMessage: Equatable, Sendable {
    /// The longest event name, in bytes.
    public static let maximumEventLength = 200

    public var event: String
    public var channel: String?
    /// As it stands on the wire.
    public var data: JSONValue?
    /// Who sent a client event on a presence channel.
    public var userID: String?

    public init(event: String, channel: String? = nil, data: JSONValue? = nil, userID: String? = nil) {
        self.event = event
        self.channel = channel
        self.data = data
        self.userID = userID
    }

    /// As a server writes it: the payload becomes JSON text inside a string.
    public static func fromServer(
        _ event: String, channel: ChannelName? = nil, payload: JSONValue
    ) -> ChannelsMessage {
        ChannelsMessage(event: event, channel: channel?.text, data: .string(payload.text))
    }

    /// What `data` means: JSON inside a string is unfolded, any other string stands for itself.
    public var payload: JSONValue? {
        guard case .string(let text) = data else { return data }
        let limits = JSONLimits(maximumBytes: text.utf8.count)
        return (try? JSONValue(text: text, limits: limits)) ?? data
    }

    /// A frame as it was read. What is malformed is a result, not an end: the next frame may be good.
    public enum Parsed: Equatable, Sendable {
        case message(ChannelsMessage)
        case malformed(reason: String)
    }

    public static func parse(_ text: String, limits: JSONLimits) -> Parsed {
        let frame: JSONValue
        do {
            frame = try JSONValue(text: text, limits: limits)
        } catch {
            return .malformed(reason: error.description)
        }
        guard let members = frame.object else { return .malformed(reason: "not a JSON object") }
        guard let event = members["event"]?.string, !event.isEmpty else {
            return .malformed(reason: "no event name")
        }
        guard event.utf8.count <= maximumEventLength else { return .malformed(reason: "event name too long") }
        var message = ChannelsMessage(event: event)
        switch members["channel"] {
        case nil, .null: break
        case .string(let channel): message.channel = channel
        default: return .malformed(reason: "the channel is not a string")
        }
        switch members["user_id"] {
        case nil, .null: break
        case .string(let user): message.userID = user
        case .integer(let number): message.userID = String(number)
        default: return .malformed(reason: "the user id is not a string")
        }
        if let data = members["data"], data != .null { message.data = data }
        return .message(message)
    }

    /// The frame's text.
    public var text: String {
        var members: [String: JSONValue] = ["event": .string(event)]
        members["channel"] = channel.map(JSONValue.string)
        members["data"] = data
        members["user_id"] = userID.map(JSONValue.string)
        return JSONValue.object(members).text
    }
}
