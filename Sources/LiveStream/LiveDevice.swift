import Channels

/// The device's part of the live stream: keeps a place at the hub's signalling, answers every remote client that asks, and knows who gets
/// the stream how (docs/live.md).
///
/// A value without I/O: feed it what happens and when, carry out what it answers, in order.
struct LiveDevice: Sendable {
    enum Input: Equatable, Sendable {
        case start
        case stop
        /// The WebSocket is there, or is not any more.
        case connected
        case received(String)
        case lost(why: String)
        /// An offer was answered, or could not be.
        case answered(client: String, attempt: Int, description: String, connection: JSONValue)
        case notAnswered(client: String, attempt: Int)
        /// Of a client's own connection.
        case channelOpened(client: String, attempt: Int)
        case heard(client: String, attempt: Int)
        case connectionClosed(client: String, attempt: Int)
        case wake
    }

    enum Action: Equatable, Sendable {
        case connect
        case disconnect
        case send(String)
        case answer(client: String, attempt: Int, SignallingMessage.Offer)
        /// Closes the connection of that client, if it has one.
        case hangUp(client: String)
        /// Something that a client says through the hub.
        case relayed(client: String, JSONValue)
        /// Something that somebody says who may control the device.
        case control(from: String, JSONValue)
        case phase(SignallingPhase)
        case clientsChanged
        case wake(at: Duration)
    }

    struct Limits: Equatable, Sendable {
        /// More offers are not answered; those who made them get the stream through the hub.
        var direct = 50
        /// More are not listed, and get nothing.
        var clients = 500
        var heartbeat = Duration.seconds(5)
        /// How long the hub may take to greet.
        var greeting = Duration.seconds(10)
        var shortestPause = Duration.milliseconds(500)
        var longestPause = Duration.seconds(30)
        /// A client that the hub has lost is still there when it is heard of directly within this time.
        var grace = Duration.seconds(3)
        /// One that is relayed asks once a second; it is gone after this silence.
        var relaySilence = Duration.seconds(5)
        /// A connection that is offered and does not come about.
        var connecting = Duration.seconds(20)
        /// How long one that has gone is still listed.
        var farewell = Duration.seconds(8)
    }

    let limits: Limits
    private let random: @Sendable () -> Double
    private(set) var clients: [RemoteClient] = []
    private var phase = SignallingPhase.stopped
    private var failures = 0
    /// When the phase is over: the greeting, the pause, or the time for a HEARTBEAT.
    private var due: Duration?
    private var wakesAt: Duration?
    /// Of all clients together, and of all who control. The hub ends the connection of whoever says more than 400 things a second, so that somebody
    /// who asks without end would end the stream of all others.
    private var clientsAllowance = AnswerAllowance(perSecond: 150, atOnce: 100)
    private var controllersAllowance = AnswerAllowance(perSecond: 20, atOnce: 20)

    /// - Parameter random: From 0 to 1, for the pauses between attempts.
    init(limits: Limits = Limits(), random: @escaping @Sendable () -> Double) {
        self.limits = limits
        self.random = random
    }

    mutating func on(_ input: Input, at now: Duration) -> [Action] {
        var actions: [Action] = []
        switch input {
        case .start: connect(at: now, &actions)
        case .stop: stop(&actions)
        case .connected: break
        case .received(let text): receive(text, at: now, &actions)
        case .lost(let why): if phase != .stopped { lose(why, at: now, &actions) }
        case .answered(let client, let attempt, let description, let connection):
            if isCurrent(client, attempt) {
                send(SignallingMessage.answer(description, connection: connection, to: client), &actions)
            }
        case .notAnswered(let client, let attempt), .connectionClosed(let client, let attempt):
            if isCurrent(client, attempt) { end(client, at: now, &actions) }
        case .channelOpened(let client, let attempt):
            update(client, attempt, &actions) { ($0.state, $0.heardAt, $0.due) = (.direct, now, nil) }
        case .heard(let client, let attempt):
            if let index = index(of: client), clients[index].attempt == attempt { clients[index].heardAt = now }
        case .wake:
            wakesAt = nil
            passTime(at: now, &actions)
        }
        scheduleWake(&actions)
        return actions
    }

    // MARK: The place at the hub

    private mutating func connect(at now: Duration, _ actions: inout [Action]) {
        enter(.connecting, until: now + limits.greeting, &actions)
        actions.append(.connect)
    }

    private mutating func stop(_ actions: inout [Action]) {
        for client in clients where client.state != .gone { actions.append(.hangUp(client: client.id)) }
        clients = []
        actions += [.disconnect, .clientsChanged]
        enter(.stopped, until: nil, &actions)
    }

    private mutating func enter(_ phase: SignallingPhase, until due: Duration?, _ actions: inout [Action]) {
        self.phase = phase
        self.due = due
        actions.append(.phase(phase))
    }

    private mutating func receive(_ text: String, at now: Duration, _ actions: inout [Action]) {
        guard phase == .connecting || phase == .open, let message = SignallingMessage(text: text) else { return }
        switch message {
        case .open:
            failures = 0
            enter(.open, until: now + limits.heartbeat, &actions)
        case .idTaken:
            refuse("another page or program streams as this device already", at: now, &actions)
        case .error(let words):
            refuse("the hub says: \(words)", at: now, &actions)
        case .presence(let id, let isThere):
            if isThere { join(id, &actions) } else { leave(id, at: now, &actions) }
        case .offer(let id, let offer): take(offer, from: id, at: now, &actions)
        case .relay(let id, let payload): relay(payload, to: id, at: now, &actions)
        case .control(let id, let payload):
            if controllersAllowance.take(at: now) { actions.append(.control(from: id, payload)) }
        case .leave(let id): end(id, at: now, &actions)
        }
    }

    private mutating func send(_ text: String, _ actions: inout [Action]) {
        if phase == .open { actions.append(.send(text)) }
    }

    private mutating func refuse(_ why: String, at now: Duration, _ actions: inout [Action]) {
        actions.append(.disconnect)
        let pause = pause()
        enter(.refused(why: why, again: pause), until: now + pause, &actions)
        endWithoutHub(at: now, &actions)
    }

    private mutating func lose(_ why: String, at now: Duration, _ actions: inout [Action]) {
        switch phase {
        case .refused, .waiting, .stopped: return
        case .connecting, .open: break
        }
        let pause = pause()
        enter(.waiting(why: why, again: pause), until: now + pause, &actions)
        endWithoutHub(at: now, &actions)
    }

    /// Who was relayed gets nothing any more, and nobody tells who else goes; who is connected directly stays.
    private mutating func endWithoutHub(at now: Duration, _ actions: inout [Action]) {
        for client in clients where client.state == .relayed || client.state == .waiting {
            end(client.id, at: now, &actions)
        }
    }

    /// Twice as long each time, and half of it by chance, so that not all devices of a hub come back at once.
    private mutating func pause() -> Duration {
        failures += 1
        let longest = min(limits.longestPause, limits.shortestPause * (1 << min(failures, 10)))
        return longest * (0.5 + random() / 2)
    }

    private mutating func passTime(at now: Duration, _ actions: inout [Action]) {
        if let due, due <= now {
            switch phase {
            case .connecting:
                actions.append(.disconnect)
                lose("the hub did not greet within \(limits.greeting)", at: now, &actions)
            case .open:
                self.due = now + limits.heartbeat
                send(SignallingMessage.heartbeat, &actions)
            case .waiting, .refused: connect(at: now, &actions)
            case .stopped: break
            }
        }
        for client in clients {
            guard let due = client.due, due <= now else { continue }
            switch client.state {
            case .gone: clients.removeAll { $0.id == client.id }
            case .direct where client.heardAt > client.lostAt ?? .zero:
                if let index = index(of: client.id) { clients[index].due = nil }
                continue
            case .waiting, .connecting, .direct, .relayed: end(client.id, at: now, &actions)
            }
            if actions.last != .clientsChanged { actions.append(.clientsChanged) }
        }
    }

    private mutating func scheduleWake(_ actions: inout [Action]) {
        let next = (clients.compactMap(\.due) + [due].compactMap(\.self)).min()
        guard let next, wakesAt.map({ next < $0 }) ?? true else { return }
        wakesAt = next
        actions.append(.wake(at: next))
    }
}

// MARK: - Remote clients

extension LiveDevice {
    private func index(of id: String) -> Int? { clients.firstIndex { $0.id == id } }

    private func isCurrent(_ id: String, _ attempt: Int) -> Bool {
        index(of: id).map { clients[$0].attempt == attempt && clients[$0].state != .gone } ?? false
    }

    private mutating func update(
        _ id: String, _ attempt: Int, _ actions: inout [Action], _ change: (inout RemoteClient) -> Void
    ) {
        guard isCurrent(id, attempt), let index = index(of: id) else { return }
        change(&clients[index])
        actions.append(.clientsChanged)
    }

    /// Its place in the list; nil where there is room for no more.
    private mutating func place(of id: String) -> Int? {
        if let index = index(of: id) { return index }
        if clients.count >= limits.clients {
            guard let gone = clients.firstIndex(where: { $0.state == .gone }) else { return nil }
            clients.remove(at: gone)
        }
        clients.append(RemoteClient(id: id))
        return clients.count - 1
    }

    private mutating func join(_ id: String, _ actions: inout [Action]) {
        guard let index = place(of: id) else { return }
        switch clients[index].state {
        case .gone: (clients[index].state, clients[index].due) = (.waiting, nil)
        // It had not gone: the hub, or its way to the hub, is back.
        case .direct: clients[index].due = nil
        case .waiting, .connecting, .relayed: break
        }
        actions.append(.clientsChanged)
    }

    /// The hub has lost it. Its own connection may go on.
    private mutating func leave(_ id: String, at now: Duration, _ actions: inout [Action]) {
        guard let index = index(of: id) else { return }
        if clients[index].state == .direct {
            (clients[index].lostAt, clients[index].due) = (now, now + limits.grace)
        } else {
            end(id, at: now, &actions)
        }
    }

    private mutating func take(
        _ offer: SignallingMessage.Offer, from id: String, at now: Duration, _ actions: inout [Action]
    ) {
        let others = clients.count { $0.id != id && ($0.state == .direct || $0.state == .connecting) }
        guard others < limits.direct, let index = place(of: id), isAnswered(index, at: now) else { return }
        actions.append(.hangUp(client: id))
        clients[index].attempt += 1
        clients[index].state = .connecting
        clients[index].due = now + limits.connecting
        actions += [.answer(client: id, attempt: clients[index].attempt, offer), .clientsChanged]
    }

    private mutating func relay(_ payload: JSONValue, to id: String, at now: Duration, _ actions: inout [Action]) {
        guard let index = place(of: id) else { return }
        if clients[index].state != .relayed {
            actions.append(.hangUp(client: id))
            clients[index].attempt += 1
            clients[index].state = .relayed
            actions.append(.clientsChanged)
        }
        clients[index].due = now + limits.relaySilence
        if isAnswered(index, at: now) { actions.append(.relayed(client: id, payload)) }
    }

    /// Whether what that client asks through the hub is answered; else it has to ask again.
    private mutating func isAnswered(_ index: Int, at now: Duration) -> Bool {
        clients[index].allowance.take(at: now) && clientsAllowance.take(at: now)
    }

    private mutating func end(_ id: String, at now: Duration, _ actions: inout [Action]) {
        guard let index = index(of: id), clients[index].state != .gone else { return }
        actions.append(.hangUp(client: id))
        clients[index].attempt += 1
        (clients[index].state, clients[index].due) = (.gone, now + limits.farewell)
        actions.append(.clientsChanged)
    }
}
