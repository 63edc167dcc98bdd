/// What peers say to each other, and what waits for those who are not there.
extension SignallingServer {
    mutating func receive(_ text: String, from id: PeerID, at now: Duration, _ actions: inout [Action]) {
        guard let connection = peers[id]?.connection else { return }
        peers[id]?.heardAt = now
        guard takesMessage(of: id, at: now) else {
            actions.append(.send(connection, SignallingMessage.error(.tooManyMessages)))
            drop(id, &actions)
            return
        }
        guard let message = SignallingMessage(text: text) else { return }
        switch (message.kind, message.destination) {
        case (.heartbeat, _):
            break
        case (.relay, nil):
            stream(message, from: id, &actions)
        case (.leave, nil):
            drop(id, &actions)
        case (_, nil):
            break
        case (_, let destination?):
            pass(message, from: id, to: destination, at: now, &actions)
        }
    }

    private mutating func takesMessage(of id: PeerID, at now: Duration) -> Bool {
        guard var peer = peers[id] else { return false }
        if now - peer.second >= .seconds(1) {
            peer.second = now
            peer.messagesInSecond = 0
        }
        peer.messagesInSecond += 1
        peers[id] = peer
        return peer.messagesInSecond <= limits.messagesPerSecond
    }

    private mutating func pass(
        _ message: SignallingMessage, from id: PeerID, to destination: PeerID, at now: Duration,
        _ actions: inout [Action]
    ) {
        guard let source = peers[id], source.rights.mayReach(destination),
            message.kind != .control || mayControl(source, id, destination)
        else {
            tellExpired(destination, to: id, message.kind, &actions)
            return
        }
        if let device = destination.device, message.kind != .expire, message.kind != .control {
            if message.kind != .leave { watch(device, by: id, &actions) }
            noteRelay(message.kind, of: device, by: id)
        }
        let text = message.text(from: id)
        guard let receiver = peers[destination] else {
            wait(Queued(source: id, text: text, kind: message.kind), for: destination, at: now, &actions)
            return
        }
        // A peer that does not know this hub's own messages is not sent any.
        guard receiver.rights.mayReach(id), receiver.wantsPresence || !message.kind.isOwn else {
            tellExpired(destination, to: id, message.kind, &actions)
            return
        }
        actions.append(pass(text, of: message.kind, from: id, to: destination, receiver.connection))
    }

    private func pass(
        _ text: String, of kind: SignallingMessage.Kind, from source: PeerID, to destination: PeerID,
        _ connection: ConnectionID
    ) -> Action {
        let isTold = Self.told.contains(kind)
        return .pass(
            connection, text, from: peers[source]?.connection,
            expired: isTold ? SignallingMessage.expire(destination, to: source) : nil)
    }

    /// A device answers those who may control it; whether they may was looked at when they asked.
    private func mayControl(_ source: Peer, _ id: PeerID, _ destination: PeerID) -> Bool {
        destination.device.map(source.rights.mayControl) ?? (id.device != nil)
    }

    private mutating func noteRelay(_ kind: SignallingMessage.Kind, of device: Int64, by id: PeerID) {
        switch kind {
        case .relay where peers[id]?.watched.contains(device) == true: relayed[device, default: []].insert(id)
        case .leave: stopRelaying(device, to: id)
        default: break
        }
    }

    /// What a device says to nobody by name goes to all who have asked to get it through the hub.
    private func stream(_ message: SignallingMessage, from id: PeerID, _ actions: inout [Action]) {
        guard let device = id.device, let receivers = relayed[device] else { return }
        let text = message.text(from: id)
        for receiver in receivers.sorted(by: { $0.text < $1.text }) {
            guard let peer = peers[receiver] else { continue }
            actions.append(.stream(peer.connection, text))
        }
    }

    // MARK: Who is not there

    private mutating func wait(
        _ queued: Queued, for destination: PeerID, at now: Duration, _ actions: inout [Action]
    ) {
        switch queued.kind {
        case .leave, .expire, .heartbeat: return
        case .relay, .control:
            tellExpired(destination, to: queued.source, queued.kind, &actions)
            return
        case .offer, .answer, .candidate: break
        }
        let size = queued.text.utf8.count
        guard queuedBytes + size <= limits.queuedBytes,
            queuedBytesOf[queued.source, default: 0] + size <= limits.queuedBytesOfPeer,
            queues[destination]?.messages.count ?? 0 < limits.queuedMessages
        else {
            tellExpired(destination, to: queued.source, queued.kind, &actions)
            return
        }
        queues[destination, default: Queue(since: now)].messages.append(queued)
        queuedBytes += size
        queuedBytesOf[queued.source, default: 0] += size
    }

    mutating func deliverQueued(to id: PeerID, _ actions: inout [Action]) {
        guard let queue = takeQueue(of: id), let receiver = peers[id] else { return }
        for queued in queue.messages {
            if receiver.rights.mayReach(queued.source) {
                actions.append(pass(queued.text, of: queued.kind, from: queued.source, to: id, receiver.connection))
            } else {
                tellExpired(id, to: queued.source, queued.kind, &actions)
            }
        }
    }

    /// One EXPIRE to each sender of what has waited for too long.
    mutating func expire(at now: Duration, _ actions: inout [Action]) {
        let due = queues.filter { $0.value.since + Self.queueTime <= now }.keys.sorted { $0.text < $1.text }
        for destination in due {
            var told: Set<PeerID> = []
            for queued in takeQueue(of: destination)?.messages ?? [] where told.insert(queued.source).inserted {
                tellExpired(destination, to: queued.source, .offer, &actions)
            }
        }
    }

    private mutating func takeQueue(of id: PeerID) -> Queue? {
        guard let queue = queues.removeValue(forKey: id) else { return nil }
        for queued in queue.messages {
            let size = queued.text.utf8.count
            queuedBytes -= size
            queuedBytesOf[queued.source, default: 0] -= size
            if queuedBytesOf[queued.source] == 0 { queuedBytesOf[queued.source] = nil }
        }
        return queue
    }

    /// Candidates follow an offer or an answer, which is told of.
    private static let told: Set<SignallingMessage.Kind> = [.offer, .answer, .relay, .control]

    private func tellExpired(
        _ absent: PeerID, to id: PeerID, _ kind: SignallingMessage.Kind, _ actions: inout [Action]
    ) {
        guard let sender = peers[id], Self.told.contains(kind) else { return }
        actions.append(.send(sender.connection, SignallingMessage.expire(absent, to: id)))
    }
}
