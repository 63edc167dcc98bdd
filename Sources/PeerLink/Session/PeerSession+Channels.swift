// What SCTP brings, and what goes out through it.

extension PeerSession {
    /// Takes what SCTP has brought, and sends what waits.
    func process() {
        guard let association, !isClosed else { return }
        while !isClosed {
            let events = association.takeEvents()
            guard !events.isEmpty else { break }
            for event in events where !isClosed { take(event) }
        }
        if isBlocked { drain() }
    }

    private func take(_ event: SctpAssociation.Event) {
        switch event {
        case .up:
            enterConnected()
            for slot in slots where slot.stream == nil { assign(slot) }
            drain()
        case .down: close(.remote)
        case .tooLarge: close(.violation("a message of more than \(local.limits.message) bytes"))
        case .message(let stream, let payload, let bytes): take(bytes, payload: payload, stream: stream)
        case .reset(let streams):
            for slot in slots where slot.stream.map(streams.contains) ?? false { peerClosed(slot) }
        }
    }

    private func take(_ bytes: [UInt8], payload: UInt32, stream: UInt16) {
        guard let payload = PayloadKind(rawValue: payload) else { return malformed("payload type \(payload)") }
        let slot = slots.first { $0.stream == stream }
        guard payload != .establishment else {
            do {
                switch try DcepMessage(bytes) {
                case .ack: acknowledge(slot)
                case .open(let opening): accept(opening, stream: stream, hasSlot: slot != nil)
                }
            } catch {
                malformed("\(error)")
            }
            return
        }
        guard let slot else { return malformed("a message for stream \(stream), which no channel has") }
        guard let message = ChannelMessage(payload, bytes) else { return malformed("text that is not UTF-8") }
        // Whatever comes from the one who has got the opening shows that it is there.
        acknowledge(slot)
        statistics.messagesReceived += 1
        statistics.bytesReceived += message.count
        slot.channel.deliver(message)
    }

    private func malformed(_ what: String) {
        count(.malformed)
        violations += 1
        if violations > local.limits.malformed { close(.violation(what)) }
    }

    // MARK: Opening

    /// The largest message that both sides take.
    var mostBytes: Int {
        guard let theirs = remote?.maxMessageSize, theirs > 0 else { return local.limits.message }
        return min(local.limits.message, Int(clamping: theirs))
    }

    /// Opens a channel now, or when the connection is there.
    func open(_ options: ChannelOptions, onMessage: DataChannel.MessageHandler?) throws(PeerLinkError) -> DataChannel {
        guard !isClosed else { throw .closed }
        guard slots.count < local.limits.channels else { throw .tooManyChannels(most: local.limits.channels) }
        guard options.label.utf8.count <= local.limits.label, options.subprotocol.utf8.count <= local.limits.label
        else { throw .badChannel("label and protocol of a channel have at most \(local.limits.label) bytes each") }
        if let stream = options.negotiatedStream {
            guard stream < SctpSettings().streams, !slots.contains(where: { $0.claim == stream }) else {
                throw .badChannel("stream \(stream) is in use, or more than \(SctpSettings().streams - 1)")
            }
        }
        let channel = DataChannel(options, session: self, most: mostBytes, onMessage: onMessage)
        let slot = ChannelSlot(channel, stream: nil, isAcknowledged: options.negotiatedStream != nil)
        slots.append(slot)
        if state == .connected {
            assign(slot)
            drain()
        }
        return channel
    }

    /// Gives a channel its stream: even ones are the DTLS client's to choose, odd ones the server's (RFC 8832, 6).
    private func assign(_ slot: ChannelSlot) {
        let options = slot.channel.options
        let used = Set(slots.compactMap(\.claim))
        let own = stride(from: role == .client ? UInt16(0) : 1, to: SctpSettings().streams, by: 2)
        guard let stream = options.negotiatedStream ?? own.first(where: { !used.contains($0) }) else {
            slots.removeAll { $0 === slot }
            slot.channel.enter(.closed)
            return
        }
        slot.stream = stream
        slot.channel.assign(stream: stream, most: mostBytes)
        if options.negotiatedStream == nil {
            slot.control.append(
                .open(
                    DcepMessage.Opening(
                        label: options.label, subprotocol: options.subprotocol, isOrdered: options.isOrdered,
                        reliability: options.reliability)))
        }
        // Messages may follow the opening at once.
        slot.channel.enter(.open)
    }

    private func acknowledge(_ slot: ChannelSlot?) {
        slot?.isAcknowledged = true
    }

    private func accept(_ opening: DcepMessage.Opening, stream: UInt16, hasSlot: Bool) {
        let isTheirs = stream.isMultiple(of: 2) == (role == .server)
        guard !hasSlot, isTheirs else { return malformed("an opening of stream \(stream), which is not free for it") }
        guard slots.count < local.limits.channels, stream < SctpSettings().streams,
            opening.label.utf8.count <= local.limits.label, opening.subprotocol.utf8.count <= local.limits.label
        else {
            count(.channelRefused)
            _ = association?.reset(stream: stream)
            return
        }
        var options = ChannelOptions(label: opening.label)
        options.subprotocol = opening.subprotocol
        options.isOrdered = opening.isOrdered
        options.reliability = opening.reliability
        options.queue = local.limits.queue
        if opening.reliability != .reliable { options.queue.whenFull = .dropOldest }
        let channel = DataChannel(options, session: self, most: mostBytes, onMessage: nil)
        let slot = ChannelSlot(channel, stream: stream, isAcknowledged: true)
        slot.control.append(.ack)
        slots.append(slot)
        channel.assign(stream: stream, most: mostBytes)
        channel.enter(.open)
        handlers.onChannel(channel)
        drain()
    }

    // MARK: Closing

    func close(_ channel: DataChannel) {
        guard let slot = slots.first(where: { $0.channel === channel }), !slot.isClosing else { return }
        slot.isClosing = true
        channel.enter(.closing)
        guard slot.stream != nil else {
            slots.removeAll { $0 === slot }
            return channel.enter(.closed)
        }
        drain()
    }

    /// The peer sends nothing more on the stream; then this side does not either, and the stream is free (RFC 8831, 6.7).
    private func peerClosed(_ slot: ChannelSlot) {
        if !slot.isReset, let stream = slot.stream { slot.isReset = association?.reset(stream: stream) ?? true }
        guard slot.isReset else {
            slot.isPeerDone = true
            slot.isClosing = true
            isBlocked = true
            return
        }
        settle(slot.channel)
        slots.removeAll { $0 === slot }
        slot.channel.enter(.closed)
    }

    /// Adds what a channel did not send to the statistics.
    func settle(_ channel: DataChannel) {
        let losses = channel.takeLosses()
        statistics.messagesDropped += losses.dropped
        statistics.messagesRefused += losses.refused
    }

    // MARK: Sending

    /// Messages of one channel before the next one has its turn.
    private static var turn: Int { 16 }

    /// Gives SCTP what waits, until it has no more room.
    func drain() {
        guard state == .connected else { return }
        isBlocked = false
        var hasMore = true
        while hasMore, !isBlocked, !isClosed {
            hasMore = false
            for slot in slots where !isBlocked {
                if sendTurn(of: slot) { hasMore = true }
            }
        }
        // The next one to begin with is another channel.
        if isBlocked, slots.count > 1 { slots.append(slots.removeFirst()) }
        for slot in slots where slot.isClosing && !slot.isReset { finish(slot) }
    }

    /// - Returns: Whether the channel may have more to send.
    private func sendTurn(of slot: ChannelSlot) -> Bool {
        guard let stream = slot.stream, !slot.isReset else { return false }
        while let message = slot.control.first {
            guard send(message.bytes, .establishment, slot, stream) else { return false }
            slot.control.removeFirst()
        }
        for _ in 0..<Self.turn {
            guard let message = slot.held ?? slot.channel.takeNext() else { return false }
            slot.held = message
            guard send(message.wire, message.payload, slot, stream) else { return false }
            slot.held = nil
            statistics.messagesSent += 1
            statistics.bytesSent += message.count
        }
        return true
    }

    private func send(_ bytes: [UInt8], _ payload: PayloadKind, _ slot: ChannelSlot, _ stream: UInt16) -> Bool {
        guard let association else { return false }
        let options = slot.channel.options
        let isFirm = payload == .establishment
        let result = association.send(
            bytes, stream: stream, payload: payload, isOrdered: isFirm || options.isOrdered || !slot.isAcknowledged,
            reliability: isFirm ? .reliable : options.reliability)
        switch result {
        case .sent: return true
        case .full:
            isBlocked = true
            return false
        case .failed(let code):
            close(.failed("SCTP takes no message (error \(code))"))
            return false
        }
    }

    /// Resets the stream of a channel that is being closed, once all is sent.
    private func finish(_ slot: ChannelSlot) {
        guard let stream = slot.stream, slot.control.isEmpty, slot.held == nil, slot.channel.waiting.messages == 0
        else { return }
        guard let association, association.reset(stream: stream) else {
            isBlocked = true
            return
        }
        slot.isReset = true
        if slot.isPeerDone { peerClosed(slot) }
    }
}
