/// Events of end-to-end encrypted channels, and keys that have changed.
///
/// An event that the key does not open may be the first after a change of the master key: the dashboard is asked once more,
/// and what comes meanwhile waits, so that the order stays. What the new key does not open either is dropped.
extension ChannelsClient {
    /// A key that was asked for anew, and the events that wait for it, oldest first.
    struct KeyRenewal: Equatable, Sendable {
        var held: [Sealed]
        var until: Duration
    }

    struct Sealed: Equatable, Sendable {
        var message: ChannelsMessage
        var box: SealedBox
    }

    /// The most events of a channel that wait for a new key.
    static let heldLimit = 100
    static let noSecret =
        "the dashboard's answer has no shared_secret of 32 bytes in base64; is this channel encrypted there?"

    mutating func open(
        _ message: ChannelsMessage, on channel: ChannelName, at now: Duration, _ actions: inout [Action]
    ) {
        guard let box = message.payload.flatMap(SealedBox.init(json:)) else {
            actions.append(.unreadable(channel, count: 1, reason: "the event is not encrypted"))
            return
        }
        let sealed = Sealed(message: message, box: box)
        if let renewal = renewals[channel] {
            guard renewal.held.count < Self.heldLimit else {
                let reason = "\(Self.heldLimit) events wait for a new key already"
                actions.append(.unreadable(channel, count: 1, reason: reason))
                return
            }
            renewals[channel]?.held.append(sealed)
        } else if let opened = opened(sealed, on: channel) {
            actions.append(.deliver(opened))
        } else if let last = renewedAt[channel], now - last < timing.keyRenewal {
            let reason = "the key does not open the event, and was asked for anew less than \(timing.keyRenewal) ago"
            actions.append(.unreadable(channel, count: 1, reason: reason))
        } else if let connection {
            renewedAt[channel] = now
            renewals[channel] = KeyRenewal(held: [sealed], until: now + timing.subscription)
            actions.append(.authorize(channel, connection.socketID))
        }
    }

    /// Opens what has waited with the key that the dashboard has given now.
    mutating func renew(_ channel: ChannelName, _ secret: SharedSecret?, _ actions: inout [Action]) {
        guard let secret else {
            giveUpRenewal(of: channel, Self.noSecret, &actions)
            return
        }
        secrets[channel] = secret
        guard let held = renewals.removeValue(forKey: channel)?.held else { return }
        var unreadable = 0
        for sealed in held {
            if let opened = opened(sealed, on: channel) {
                actions.append(.deliver(opened))
            } else {
                unreadable += 1
            }
        }
        guard unreadable > 0 else { return }
        let reason = "the key does not open the event, and the dashboard has no other"
        actions.append(.unreadable(channel, count: unreadable, reason: reason))
    }

    /// Drops what has waited for a new key; nothing where none was asked for.
    mutating func giveUpRenewal(of channel: ChannelName, _ reason: String, _ actions: inout [Action]) {
        guard let renewal = renewals.removeValue(forKey: channel) else { return }
        actions.append(.unreadable(channel, count: renewal.held.count, reason: reason))
    }

    /// The event with its data in clear; nil when the present key does not open it, or it is no text.
    private func opened(_ sealed: Sealed, on channel: ChannelName) -> ChannelsMessage? {
        guard let bytes = secrets[channel].flatMap(sealed.box.opened),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        var message = sealed.message
        message.data = .string(text)
        return message
    }
}
