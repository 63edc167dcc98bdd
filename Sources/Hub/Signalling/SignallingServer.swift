import Channels

/// A signalling server as PeerJS's clients know it (server 1.0.2): who is there, who may reach whom, what waits for
/// somebody who is not there yet.
///
/// A value without I/O: feed it what happens and when, carry out what it answers, in order. After ``Action/close(_:)`` the
/// connection is forgotten; its ``Input/disconnected(_:)`` need not come.
struct SignallingServer: Sendable {
    struct ConnectionID: Hashable, Sendable {
        let number: UInt64
    }

    enum Input: Equatable, Sendable {
        /// A new WebSocket, and what it was shown to be good for; nil for nothing.
        case connected(ConnectionID, SignallingRequest, PeerRights?)
        case received(ConnectionID, text: String)
        case disconnected(ConnectionID)
        case wake
        /// Everybody is sent away.
        case stop
    }

    enum Action: Equatable, Sendable {
        case send(ConnectionID, String)
        /// What one peer says to another: where too much waits for that one it is left away, and the one who has said it is told
        /// so where there is something to tell. Nobody is cut for what others say.
        case pass(ConnectionID, String, from: ConnectionID?, expired: String?)
        /// Something that is worth nothing when it comes late: it is left away where too much waits.
        case stream(ConnectionID, String)
        case close(ConnectionID)
        case wake(at: Duration)
    }

    struct Limits: Equatable, Sendable {
        var peers = 5000
        /// Of one peer. One that streams 100 values a second through the hub and answers its watchers needs a few hundred.
        var messagesPerSecond = 400
        /// What waits for one destination that is not there.
        var queuedMessages = 64
        /// What waits for all of them, in bytes.
        var queuedBytes = 4 * 1024 * 1024
        /// What waits of one peer's, in bytes.
        var queuedBytesOfPeer = 256 * 1024
        /// How many devices one peer is counted as a watcher of.
        var watched = 64
    }

    /// How long a message waits for its destination.
    static let queueTime = Duration.seconds(5)
    /// Who says nothing for so long is gone: clients send a HEARTBEAT every 5 s.
    static let silenceLimit = Duration.seconds(60)
    private static let tick = Duration.seconds(1)

    struct Peer: Sendable {
        var connection: ConnectionID
        let token: String
        var rights: PeerRights
        var wantsPresence: Bool
        var heardAt: Duration
        /// The devices that it watches: which hear when it comes and goes.
        var watched: Set<Int64> = []
        var second = Duration.zero
        var messagesInSecond = 0
    }

    struct Queued: Sendable {
        var source: PeerID
        var text: String
        var kind: SignallingMessage.Kind
    }

    /// What waits for one destination.
    struct Queue: Sendable {
        let since: Duration
        var messages: [Queued] = []
    }

    let limits: Limits
    var peers: [PeerID: Peer] = [:]
    private var ids: [ConnectionID: PeerID] = [:]
    var watchers: [Int64: Set<PeerID>] = [:]
    /// Of the watchers those that are sent what the device streams through the hub.
    var relayed: [Int64: Set<PeerID>] = [:]
    var queues: [PeerID: Queue] = [:]
    var queuedBytes = 0
    var queuedBytesOf: [PeerID: Int] = [:]
    private var wakesAt: Duration?

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    mutating func on(_ input: Input, at now: Duration) -> [Action] {
        var actions: [Action] = []
        switch input {
        case .connected(let connection, let request, let rights):
            connect(connection, request, rights, at: now, &actions)
        case .received(let connection, let text):
            if let id = ids[connection] { receive(text, from: id, at: now, &actions) }
        case .disconnected(let connection):
            if let id = ids[connection] { remove(id, &actions) }
        case .wake:
            wakesAt = nil
            expire(at: now, &actions)
            let silent = peers.filter { $0.value.heardAt + Self.silenceLimit <= now }.keys
            for id in silent.sorted(by: { $0.text < $1.text }) { drop(id, &actions) }
        case .stop:
            for id in peers.keys.sorted(by: { $0.text < $1.text }) { drop(id, &actions) }
        }
        if wakesAt == nil, !peers.isEmpty || !queues.isEmpty {
            wakesAt = now + Self.tick
            actions.append(.wake(at: now + Self.tick))
        }
        return actions
    }

    // MARK: Coming and going

    private mutating func connect(
        _ connection: ConnectionID, _ request: SignallingRequest, _ rights: PeerRights?, at now: Duration,
        _ actions: inout [Action]
    ) {
        switch admission(of: request, rights) {
        case .failure(let refusal):
            actions += [.send(connection, SignallingMessage.error(refusal)), .close(connection)]
        case .success(let (id, peer)):
            if let known = peers[id], known.token != peer.token {
                actions += [.send(connection, SignallingMessage.idTaken), .close(connection)]
                return
            }
            seat(id, peer, connection, at: now, &actions)
        }
    }

    private func admission(
        of request: SignallingRequest, _ rights: PeerRights?
    ) -> Result<(PeerID, Peer), SignallingMessage.Refusal> {
        guard let key = request.key, let name = request.id, let token = request.token else {
            return .failure(.missingParameter)
        }
        guard key == SignallingRequest.key else { return .failure(.wrongKey) }
        guard let id = PeerID(name) else { return .failure(.badID) }
        guard let rights, rights.mayBe(id) else { return .failure(.wrongToken) }
        guard peers.count < limits.peers || peers[id] != nil else { return .failure(.full) }
        let peer = Peer(
            connection: ConnectionID(number: 0), token: token, rights: rights, wantsPresence: request.wantsPresence,
            heardAt: .zero)
        return .success((id, peer))
    }

    /// A second socket with the same id and token takes the place of the first.
    private mutating func seat(
        _ id: PeerID, _ admitted: Peer, _ connection: ConnectionID, at now: Duration, _ actions: inout [Action]
    ) {
        var peer = admitted
        peer.connection = connection
        peer.heardAt = now
        let replaced = peers[id]
        if let replaced {
            peer.watched = replaced.watched
            ids[replaced.connection] = nil
            actions.append(.close(replaced.connection))
        }
        peers[id] = peer
        ids[connection] = id
        // PeerJS's server greets a replaced socket no second time; whoever knows PRESENCE can tell one from the other.
        if replaced == nil || peer.wantsPresence { actions.append(.send(connection, SignallingMessage.open)) }
        if case .watching(let device?) = peer.rights { watch(device, by: id, &actions) }
        tellWhoIsThere(id, isNew: replaced == nil, &actions)
        deliverQueued(to: id, &actions)
    }

    /// Tells a peer that wants to know it who is there, and those who want to know it that the peer is.
    private func tellWhoIsThere(_ id: PeerID, isNew: Bool, _ actions: inout [Action]) {
        guard let peer = peers[id] else { return }
        if let device = id.device {
            for watcher in watchers[device, default: []].sorted(by: { $0.text < $1.text }) {
                if peer.wantsPresence { tell(peer, of: watcher, isThere: true, &actions) }
                if isNew, let other = peers[watcher] { tell(other, of: id, isThere: true, &actions) }
            }
        }
        for device in peer.watched.sorted() where peers[PeerID(device: device)] != nil {
            tell(peer, of: PeerID(device: device), isThere: true, &actions)
        }
    }

    private func tell(_ peer: Peer, of id: PeerID, isThere: Bool, _ actions: inout [Action]) {
        guard peer.wantsPresence else { return }
        actions.append(.send(peer.connection, SignallingMessage.presence(of: id, isThere: isThere)))
    }

    /// Counts a peer as a watcher of a device, which hears of it the first time.
    mutating func watch(_ device: Int64, by id: PeerID, _ actions: inout [Action]) {
        guard let peer = peers[id], peer.watched.count < limits.watched, !peer.watched.contains(device) else { return }
        peers[id]?.watched.insert(device)
        watchers[device, default: []].insert(id)
        if let watched = peers[PeerID(device: device)] { tell(watched, of: id, isThere: true, &actions) }
    }

    /// Closes a connection and forgets its peer.
    mutating func drop(_ id: PeerID, _ actions: inout [Action]) {
        guard let peer = peers[id] else { return }
        actions.append(.close(peer.connection))
        remove(id, &actions)
    }

    mutating func remove(_ id: PeerID, _ actions: inout [Action]) {
        guard let peer = peers.removeValue(forKey: id) else { return }
        ids[peer.connection] = nil
        for device in peer.watched.sorted() {
            watchers[device]?.remove(id)
            if watchers[device]?.isEmpty == true { watchers[device] = nil }
            stopRelaying(device, to: id)
            if let watched = peers[PeerID(device: device)] { tell(watched, of: id, isThere: false, &actions) }
        }
        guard let device = id.device else { return }
        for watcher in watchers[device, default: []].sorted(by: { $0.text < $1.text }) {
            if let other = peers[watcher] { tell(other, of: id, isThere: false, &actions) }
        }
    }

    mutating func stopRelaying(_ device: Int64, to id: PeerID) {
        relayed[device]?.remove(id)
        if relayed[device]?.isEmpty == true { relayed[device] = nil }
    }
}
