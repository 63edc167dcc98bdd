/// What the server says, and what follows from it for the subscriptions.
extension ChannelsClient {
    mutating func receive(_ text: String, at now: Duration, _ actions: inout [Action]) {
        switch phase {
        case .idle, .waiting, .connecting, .stopped: return
        case .greeting: break
        case .connected(var connection):
            connection.lastHeard = now
            connection.pingSent = nil
            phase = .connected(connection)
        }
        switch ChannelsMessage.parse(text, limits: limits) {
        case .malformed(let reason): actions.append(.noted("a malformed frame: \(reason)"))
        case .message(let message): receive(message, at: now, &actions)
        }
    }

    private mutating func receive(_ message: ChannelsMessage, at now: Duration, _ actions: inout [Action]) {
        switch message.event {
        case "pusher:connection_established":
            greet(message, at: now, &actions)
        case "pusher:ping":
            actions.append(.send(ChannelsMessage(event: "pusher:pong", data: .object([:])).text))
        case "pusher:pong", "pusher_internal:subscription_count", "pusher:cache_miss":
            break
        case "pusher:error":
            noteError(message, at: now, &actions)
        case "pusher_internal:subscription_succeeded":
            confirm(message, &actions)
        case "pusher:subscription_error":
            let status = message.payload?.object?["status"].map { ", status \($0.text)" } ?? ""
            if let channel = knownChannel(message) {
                failSubscription(channel, "the server refused the subscription\(status)", at: now, &actions)
            }
        default:
            guard let channel = knownChannel(message), subscriptions[channel] == .active else {
                actions.append(.stray(message))
                return
            }
            if channel.kind.isEncrypted {
                open(message, on: channel, at: now, &actions)
            } else {
                actions.append(.deliver(message))
            }
        }
    }

    private mutating func greet(_ message: ChannelsMessage, at now: Duration, _ actions: inout [Action]) {
        guard case .greeting = phase else { return }
        let greeting = message.payload?.object
        guard let socketID = greeting?["socket_id"]?.string.flatMap(SocketID.init) else {
            hangUp("the server's greeting has no socket id", at: now, &actions)
            return
        }
        var activity = timing.activity
        if let seconds = greeting?["activity_timeout"]?.integer, (1...86_400).contains(seconds) {
            activity = min(activity, .seconds(seconds))
        }
        phase = .connected(Connection(socketID: socketID, activity: activity, since: now, lastHeard: now))
        actions.append(.connected(socketID))
        for channel in channels { beginSubscription(channel, socketID, at: now, &actions) }
    }

    private mutating func noteError(_ message: ChannelsMessage, at now: Duration, _ actions: inout [Action]) {
        let error = message.payload?.object
        if let code = error?["code"]?.integer { announced = (CloseCode(rawValue: code), now) }
        actions.append(.noted("the server reports an error: \(message.payload?.text ?? "without a word")"))
    }

    private func knownChannel(_ message: ChannelsMessage) -> ChannelName? {
        guard let name = message.channel.flatMap({ try? ChannelName($0) }), subscriptions[name] != nil else {
            return nil
        }
        return name
    }

    private mutating func beginSubscription(
        _ channel: ChannelName, _ socketID: SocketID, at now: Duration, _ actions: inout [Action]
    ) {
        if channel.kind.isPrivate {
            subscriptions[channel] = .authorizing(until: now + timing.subscription)
            actions.append(.authorize(channel, socketID))
        } else {
            subscribe(channel, ["channel": .string(channel.text)], at: now, &actions)
        }
    }

    /// Takes what the dashboard has answered on this connection: a signature, a new key, or what comes too late.
    mutating func authorized(
        _ channel: ChannelName, _ socketID: SocketID, _ authorization: ChannelAuthorization, at now: Duration,
        _ actions: inout [Action]
    ) {
        if channel.kind.isEncrypted, renewals[channel] != nil {
            renew(channel, authorization.sharedSecret, &actions)
            return
        }
        guard case .authorizing = subscriptions[channel] else { return }
        if channel.kind.isEncrypted {
            guard let secret = authorization.sharedSecret else {
                failSubscription(channel, Self.noSecret, at: now, &actions)
                return
            }
            secrets[channel] = secret
        }
        var data: [String: JSONValue] = ["channel": .string(channel.text), "auth": .string(authorization.auth)]
        data["channel_data"] = authorization.channelData.map(JSONValue.string)
        subscribe(channel, data, at: now, &actions)
    }

    private mutating func subscribe(
        _ channel: ChannelName, _ data: [String: JSONValue], at now: Duration, _ actions: inout [Action]
    ) {
        subscriptions[channel] = .requested(until: now + timing.subscription)
        actions.append(.send(ChannelsMessage(event: "pusher:subscribe", data: .object(data)).text))
    }

    private mutating func confirm(_ message: ChannelsMessage, _ actions: inout [Action]) {
        guard let channel = knownChannel(message), subscriptions[channel] != .active else { return }
        subscriptions[channel] = .active
        failures[channel] = nil
        actions.append(.subscribed(channel))
    }

    /// A refusal may pass (a dashboard that restarts, a token that is being renewed): tried again, more and more slowly.
    mutating func failSubscription(
        _ channel: ChannelName, _ reason: String, at now: Duration, _ actions: inout [Action]
    ) {
        let pause = pause(after: failures[channel] ?? 0, atMost: timing.refusedRetry)
        failures[channel, default: 0] += 1
        subscriptions[channel] = .retrying(at: now + pause)
        actions.append(.subscriptionFailed(channel, reason: reason, retryIn: pause))
    }

    mutating func checkSubscriptions(at now: Duration, _ actions: inout [Action]) {
        guard let connection else { return }
        for channel in channels where renewals[channel].map({ now >= $0.until }) ?? false {
            giveUpRenewal(of: channel, "the dashboard did not answer with a new key in time", &actions)
        }
        for channel in channels {
            switch subscriptions[channel] {
            case .retrying(let at) where now >= at:
                beginSubscription(channel, connection.socketID, at: now, &actions)
            case .authorizing(let until) where now >= until:
                failSubscription(channel, "the authorization was not answered in time", at: now, &actions)
            case .requested(let until) where now >= until:
                // The server forgot, or never heard: only a new connection is sure to be in step with it.
                hangUp("a subscription was not answered", at: now, &actions)
                return
            default: break
            }
        }
    }
}
