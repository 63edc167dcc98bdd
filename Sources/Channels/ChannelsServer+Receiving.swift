/// What clients say.
extension ChannelsServer {
    mutating func receive(_ text: String, from id: SocketID, at now: Duration, _ actions: inout [Action]) {
        guard connections[id] != nil else { return }
        connections[id]?.lastHeard = now
        connections[id]?.pingSent = nil
        switch ChannelsMessage.parse(text, limits: limits.frame) {
        case .malformed(let reason): complain(id, reason, &actions)
        case .message(let message): receive(message, from: id, at: now, &actions)
        }
    }

    private mutating func receive(
        _ message: ChannelsMessage, from id: SocketID, at now: Duration, _ actions: inout [Action]
    ) {
        switch message.event {
        case "pusher:ping":
            actions.append(.send(id, ChannelsMessage.fromServer("pusher:pong", payload: [:]).text))
        case "pusher:pong":
            break
        case "pusher:subscribe":
            subscribe(message.payload, id, at: now, &actions)
        case "pusher:unsubscribe":
            guard let channel = channel(of: message.payload, id, &actions) else { return }
            if connections[id]?.channels.contains(channel) == true { leave(channel, id, &actions) }
        case "pusher:signin":
            signIn(message.payload, id, &actions)
        case let event where event.hasPrefix("client-"):
            relay(message, from: id, at: now, &actions)
        default:
            complain(id, "the event \(message.event.prefix(64)) is not known", &actions)
        }
    }

    /// A frame that is not the protocol is answered; too many end the connection.
    private mutating func complain(_ id: SocketID, _ reason: String, _ actions: inout [Action]) {
        guard var connection = connections[id] else { return }
        connection.malformed += 1
        connections[id] = connection
        if connection.malformed > limits.malformedFrames {
            close(id, .protocolAbuse, "too many frames that are not the protocol", &actions)
        } else {
            actions.append(.send(id, Self.error(nil, reason)))
        }
    }

    private mutating func channel(
        of data: JSONValue?, _ id: SocketID, _ actions: inout [Action]
    ) -> ChannelName? {
        guard let text = data?["channel"]?.string else {
            complain(id, "data.channel is missing", &actions)
            return nil
        }
        do {
            return try ChannelName(text)
        } catch {
            complain(id, error.description, &actions)
            return nil
        }
    }

    private mutating func subscribe(
        _ data: JSONValue?, _ id: SocketID, at now: Duration, _ actions: inout [Action]
    ) {
        guard let channel = channel(of: data, id, &actions), let connection = connections[id] else { return }
        guard !connection.channels.contains(channel) else {
            actions.append(.send(id, Self.error(nil, "this connection is subscribed to \(channel) already")))
            return
        }
        guard connection.channels.count < limits.subscriptions else {
            refuse(channel, id, "LimitReached", "at most \(limits.subscriptions) subscriptions a connection", &actions)
            return
        }
        let channelData = data?["channel_data"]?.string
        if channel.kind.isPrivate {
            let auth = data?["auth"]?.string ?? ""
            let signed = channel.kind.isPresence ? channelData : nil
            guard credentials.verifies(auth, socketID: id, channel: channel, channelData: signed) else {
                refuse(channel, id, "AuthError", "the signature does not match", &actions)
                return
            }
        }
        guard channel.kind.isPresence else {
            join(channel, id, nil, at: now, &actions)
            return
        }
        guard let member = Member(channelData: channelData, limits: limits) else {
            refuse(channel, id, "AuthError", "channel_data must be JSON with a user_id", &actions)
            return
        }
        let members = channels[channel]?.members ?? [:]
        guard members[member.id] != nil || members.count < limits.members else {
            refuse(channel, id, "LimitReached", "at most \(limits.members) members a channel", &actions)
            return
        }
        join(channel, id, member, at: now, &actions)
    }

    private func refuse(
        _ channel: ChannelName, _ id: SocketID, _ type: String, _ reason: String, _ actions: inout [Action]
    ) {
        let payload: JSONValue = [
            "type": .string(type), "error": .string(reason), "status": .integer(CloseCode.unauthorized.rawValue),
        ]
        actions.append(
            .send(id, ChannelsMessage.fromServer("pusher:subscription_error", channel: channel, payload: payload).text))
    }

    private mutating func signIn(_ data: JSONValue?, _ id: SocketID, _ actions: inout [Action]) {
        let userData = data?["user_data"]?.string ?? ""
        guard credentials.verifies(data?["auth"]?.string ?? "", socketID: id, userData: userData),
            let user = (try? JSONValue(text: userData, limits: limits.frame))?["id"]?.string, !user.isEmpty
        else {
            close(id, .unauthorized, "the sign-in was refused", &actions)
            return
        }
        connections[id]?.user = user
        actions.append(
            .send(
                id, ChannelsMessage.fromServer("pusher:signin_success", payload: ["user_data": .string(userData)]).text)
        )
    }

    /// An event from client to client: to everybody on the channel but its sender.
    private mutating func relay(
        _ message: ChannelsMessage, from id: SocketID, at now: Duration, _ actions: inout [Action]
    ) {
        guard let channel = message.channel.flatMap({ try? ChannelName($0) }),
            connections[id]?.channels.contains(channel) == true, channel.kind.isPrivate, !channel.kind.isEncrypted
        else {
            actions.append(
                .send(id, Self.error(nil, "client events go to private and presence channels that are subscribed")))
            return
        }
        let data = message.data ?? .null
        guard data.text.utf8.count <= limits.eventData else {
            actions.append(.send(id, Self.error(nil, "an event carries at most \(limits.eventData) bytes")))
            return
        }
        guard takeEventTurn(id, at: now) else {
            actions.append(.send(id, Self.error(.clientEventRate, "too many client events")))
            return
        }
        let member = connections[id]?.memberships[channel]?.id
        let event = ChannelsMessage(event: message.event, channel: channel.text, data: data, userID: member)
        send(event.text, on: channel, except: id, &actions)
        actions.append(
            .webhook(
                WebhookEvent(
                    .clientEvent, channel, userID: member, event: message.event, data: data.string ?? data.text,
                    socketID: id)))
    }

    /// False when the connection has had its events of this second.
    private mutating func takeEventTurn(_ id: SocketID, at now: Duration) -> Bool {
        guard var connection = connections[id] else { return false }
        if now >= connection.eventWindow + .seconds(1) {
            connection.eventWindow = now
            connection.eventsInWindow = 0
        }
        connection.eventsInWindow += 1
        connections[id] = connection
        return connection.eventsInWindow <= limits.clientEventsPerSecond
    }
}

extension ChannelsServer.Member {
    /// Reads a member's `channel_data`: JSON text with `user_id` (a string, or a number for old servers) and `user_info`.
    fileprivate init?(channelData: String?, limits: ChannelsServer.Limits) {
        guard let channelData, let data = try? JSONValue(text: channelData, limits: limits.frame) else { return nil }
        switch data["user_id"] {
        case .string(let text) where (1...128).contains(text.utf8.count): id = text
        case .integer(let number): id = String(number)
        default: return nil
        }
        info = data["user_info"]
    }
}
