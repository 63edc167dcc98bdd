/// Who is on which channel, and what they are sent.
extension ChannelsServer {
    mutating func join(
        _ name: ChannelName, _ id: SocketID, _ member: Member?, at now: Duration, _ actions: inout [Action]
    ) {
        var channel = channels[name] ?? Channel()
        let isFirst = channel.subscribers.isEmpty
        let isNewMember = member.map { channel.members[$0.id] == nil } ?? false
        if let member {
            channel.members[member.id, default: (member.info, 0)].connections += 1
            connections[id]?.memberships[name] = member
        }
        if let member, isNewMember {
            tellMembers("pusher_internal:member_added", name, channel, member, &actions)
        }
        channel.subscribers.append(id)
        channels[name] = channel
        connections[id]?.channels.insert(name)
        actions.append(
            .send(
                id,
                ChannelsMessage.fromServer(
                    "pusher_internal:subscription_succeeded", channel: name,
                    payload: member == nil ? [:] : Self.presence(channel)
                ).text))
        if isFirst {
            actions += [.occupied(name), .webhook(WebhookEvent(.channelOccupied, name))]
        }
        if let member, isNewMember {
            actions.append(.webhook(WebhookEvent(.memberAdded, name, userID: member.id)))
        }
        if name.kind.isCache { sendCached(name, id, at: now, &actions) }
        tellCount(name, &actions)
    }

    mutating func leave(_ name: ChannelName, _ id: SocketID, _ actions: inout [Action]) {
        guard var channel = channels[name] else { return }
        channel.subscribers.removeAll { $0 == id }
        connections[id]?.channels.remove(name)
        if let member = connections[id]?.memberships.removeValue(forKey: name), var seat = channel.members[member.id] {
            seat.connections -= 1
            channel.members[member.id] = seat.connections > 0 ? seat : nil
            if seat.connections == 0 {
                tellMembers("pusher_internal:member_removed", name, channel, Member(id: member.id), &actions)
                actions.append(.webhook(WebhookEvent(.memberRemoved, name, userID: member.id)))
            }
        }
        channels[name] = channel.subscribers.isEmpty ? nil : channel
        if channel.subscribers.isEmpty {
            actions += [.vacated(name), .webhook(WebhookEvent(.channelVacated, name))]
        } else {
            tellCount(name, &actions)
        }
    }

    mutating func publish(
        _ event: String, _ data: String, on name: ChannelName, except: SocketID?, at now: Duration,
        _ actions: inout [Action]
    ) {
        let text = ChannelsMessage(event: event, channel: name.text, data: .string(data)).text
        if name.kind.isCache {
            if cache[name] == nil, cache.count >= limits.cachedChannels,
                let oldest = cache.min(by: { $0.value.at < $1.value.at })?.key
            {
                cache[oldest] = nil
            }
            cache[name] = CachedEvent(text: text, at: now)
        }
        send(text, on: name, except: except, &actions)
    }

    func send(_ text: String, on name: ChannelName, except: SocketID?, _ actions: inout [Action]) {
        for id in channels[name]?.subscribers ?? [] where id != except {
            actions.append(.send(id, text))
        }
    }

    private func sendCached(_ name: ChannelName, _ id: SocketID, at now: Duration, _ actions: inout [Action]) {
        if let cached = cached(name, at: now) {
            actions.append(.send(id, cached.text))
        } else {
            actions.append(.send(id, ChannelsMessage(event: "pusher:cache_miss", channel: name.text).text))
            actions.append(.webhook(WebhookEvent(.cacheMiss, name)))
        }
    }

    /// Presence channels tell their members one by one; the others tell how many there are.
    private func tellCount(_ name: ChannelName, _ actions: inout [Action]) {
        guard !name.kind.isPresence, let channel = channels[name] else { return }
        let count = channel.subscribers.count
        let message = ChannelsMessage.fromServer(
            "pusher_internal:subscription_count", channel: name, payload: ["subscription_count": .integer(count)])
        send(message.text, on: name, except: nil, &actions)
        actions.append(.webhook(WebhookEvent(.subscriptionCount, name, subscriptionCount: count)))
    }

    private func tellMembers(
        _ event: String, _ name: ChannelName, _ channel: Channel, _ member: Member, _ actions: inout [Action]
    ) {
        var payload: [String: JSONValue] = ["user_id": .string(member.id)]
        payload["user_info"] = member.info
        let text = ChannelsMessage.fromServer(event, channel: name, payload: .object(payload)).text
        for id in channel.subscribers { actions.append(.send(id, text)) }
    }

    private static func presence(_ channel: Channel) -> JSONValue {
        let members = channel.members.sorted { $0.key < $1.key }
        return [
            "presence": [
                "ids": .array(members.map { .string($0.key) }),
                "hash": .object(Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value.info ?? .null) })),
                "count": .integer(members.count),
            ]
        ]
    }
}

/// What the HTTP API tells of a channel.
public struct ChannelInfo: Equatable, Sendable {
    public var name: ChannelName
    public var subscriptionCount: Int
    /// Members; presence channels only.
    public var userCount: Int?
    /// The last event of a cache channel is there, whether anybody listens or not.
    public var isCached: Bool
}

extension ChannelsServer {
    /// The channels that somebody listens to, by name.
    ///
    /// - Parameter prefix: Only those whose names begin so; empty for all.
    public func channels(prefix: String, at now: Duration) -> [ChannelInfo] {
        channels.keys.filter { $0.text.hasPrefix(prefix) }.sorted().map { info($0, at: now) }
    }

    public func info(_ name: ChannelName, at now: Duration) -> ChannelInfo {
        let channel = channels[name]
        return ChannelInfo(
            name: name, subscriptionCount: channel?.subscribers.count ?? 0,
            userCount: name.kind.isPresence ? channel?.members.count ?? 0 : nil, isCached: cached(name, at: now) != nil)
    }

    /// The last event of a cache channel, while it is young enough.
    func cached(_ name: ChannelName, at now: Duration) -> CachedEvent? {
        cache[name].flatMap { now < $0.at + Self.cacheLifetime ? $0 : nil }
    }

    /// The ids of a presence channel's members.
    public func users(of name: ChannelName) -> [String] {
        channels[name]?.members.keys.sorted() ?? []
    }
}
