import NIOConcurrencyHelpers
import NIOCore

/// The host's side on the loop: which datagram is whose, and who is let in. Confined to ``PeerLoop``.
final class PeerHostCore {
    /// How long ``whenGathered(_:)`` waits for the STUN server.
    private static let gathering = Duration.seconds(2)

    let port: DatagramPort
    private let configuration: PeerConfiguration
    private let context: DtlsContext
    private let candidates: [IceCandidate]
    private var sessions: [String: PeerSession] = [:]
    private var addresses: [PeerAddress: PeerSession] = [:]
    private var halfOpen: Set<ObjectIdentifier> = []
    private var statistics = HostStatistics()
    private var rate: AttemptRate
    private var random = SystemRandomNumberGenerator()
    private var query: StunQuery<SystemRandomNumberGenerator>?
    private var reflexive: PeerAddress?
    private var gathered: [() -> Void] = []
    private let began: Duration
    private var isClosed = false

    init(_ configuration: PeerConfiguration, port: DatagramPort, stunServer: PeerAddress?) throws(PeerLinkError) {
        self.configuration = configuration
        self.port = port
        candidates = try LocalCandidates.hosts(configuration, local: port.local)
        do {
            context = try DtlsContext()
        } catch {
            throw .library("\(error)")
        }
        began = PeerLoop.now
        rate = AttemptRate(perSecond: configuration.limits.attemptsPerSecond, at: began)
        query = stunServer.map { StunQuery(server: $0, random: SystemRandomNumberGenerator()) }
        port.onDatagram { [weak self] bytes, source in self?.received(bytes, from: source) }
        PeerTicker.shared.add(self)
    }

    func whenGathered(_ body: @escaping () -> Void) {
        guard query != nil, reflexive == nil, !isClosed else { return body() }
        gathered.append(body)
    }

    private func endGathering() {
        let waiting = gathered
        gathered = []
        for body in waiting { body() }
    }

    // MARK: Offers

    func answer(_ offer: String, _ handlers: PeerHandlers) throws -> (String, PeerConnection) {
        guard !isClosed else { throw PeerLinkError.closed }
        let now = PeerLoop.now
        let limits = configuration.limits
        let remote: SessionDescription
        do {
            try admit(at: now)
            remote = try SessionDescription(parsing: offer, limits: limits.description)
            guard !remote.isLite else { throw PeerLinkError.bothLite }
        } catch {
            if (error as? PeerLinkError)?.isCrowding == true {
                statistics.attemptsRefused += 1
            } else {
                statistics.descriptionsRefused += 1
            }
            throw error
        }
        let credentials = IceCredentials(using: &random)
        let state = NIOLockedValueBox(PeerState.connecting)
        let session = PeerSession(
            PeerSession.Local(credentials: credentials, limits: limits, context: context),
            ice: LiteIceAgent(local: credentials), port: port, handlers: handlers, owner: self, at: now,
            onStateChange: { value in state.withLockedValue { $0 = value } })
        // Whoever offers both begins when it has found its way here, which this side would have to guess.
        let role = remote.setup == .passive ? DtlsSession.Role.client : .server
        session.start(remote, role: role, at: now)
        sessions[credentials.ufrag] = session
        halfOpen.insert(ObjectIdentifier(session))
        statistics.answered += 1
        let answer = SessionDescription(
            mid: remote.mid, credentials: credentials, isLite: true,
            fingerprints: [context.certificate.fingerprint], setup: role == .client ? .active : .passive,
            sctpPort: PeerSession.sctpPort, maxMessageSize: UInt64(limits.message),
            candidates: candidates + (reflexive.map { [LocalCandidates.reflexive($0, base: port.local)] } ?? []))
        return (answer.text(session: random.next()), PeerConnection(session, state: state))
    }

    private func admit(at now: Duration) throws(PeerLinkError) {
        let limits = configuration.limits
        guard sessions.count < limits.peers else { throw .tooManyPeers(most: limits.peers) }
        guard halfOpen.count < limits.halfOpen else { throw .tooManyHalfOpen(most: limits.halfOpen) }
        guard rate.admits(at: now) else { throw .tooManyAttempts(perSecond: limits.attemptsPerSecond) }
    }

    // MARK: Datagrams

    private func received(_ bytes: UnsafeRawBufferPointer, from socketAddress: SocketAddress) {
        guard let first = bytes.first, bytes.count <= configuration.limits.datagram,
            let source = PeerAddress(socketAddress)
        else {
            statistics.garbage += 1
            return
        }
        // RFC 7983, 7.
        switch first {
        case 0...3: receivedStun(Array(bytes), from: source)
        case 20...63:
            guard let session = addresses[source] else {
                statistics.unknownSources += 1
                return
            }
            session.received(bytes, at: PeerLoop.now)
        default: statistics.garbage += 1
        }
    }

    private func receivedStun(_ bytes: [UInt8], from source: PeerAddress) {
        let now = PeerLoop.now
        guard let stun = try? ReceivedStun(bytes) else {
            statistics.garbage += 1
            return
        }
        if let actions = query?.received(stun, from: source, at: now) { return perform(actions) }
        guard let username = stun.username, let session = sessions[username.receiver] else {
            // Keepalives of peers have no name.
            if stun.message.kind != .indication { statistics.checksRefused += 1 }
            return
        }
        session.received(stun, from: source, at: now)
    }

    private func perform(_ actions: [StunQuery<SystemRandomNumberGenerator>.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes, let server): bytes.withUnsafeBytes { port.send($0, to: server.socketAddress) }
            case .found(let address):
                reflexive = address
                endGathering()
            }
        }
    }

    // MARK: The rest

    var currentStatistics: HostStatistics {
        var statistics = statistics
        statistics.peers = sessions.count
        statistics.halfOpen = halfOpen.count
        statistics.addresses = addresses.count
        statistics.datagramsDropped = port.dropped
        return statistics
    }

    func close() -> EventLoopFuture<Void> {
        guard !isClosed else { return PeerLoop.loop.makeSucceededVoidFuture() }
        isClosed = true
        for session in Array(sessions.values) { session.close(.local) }
        PeerTicker.shared.remove(self)
        endGathering()
        return port.close()
    }
}

extension PeerHostCore: PeerTicker.Participant {
    func tick(at now: Duration, isSlow: Bool) {
        for session in Array(sessions.values) { session.tick(at: now, isSlow: isSlow) }
        guard isSlow else { return }
        perform(query?.tick(at: now) ?? [])
        if !gathered.isEmpty, now - began > Self.gathering { endGathering() }
    }
}

extension PeerHostCore: PeerSession.Owner {
    func learnt(_ address: PeerAddress, _ session: PeerSession) {
        addresses[address] = session
    }

    func count(_ event: PeerSession.PeerEvent, _ session: PeerSession) {
        switch event {
        case .connected:
            statistics.connected += 1
            halfOpen.remove(ObjectIdentifier(session))
        case .refusedCheck: statistics.checksRefused += 1
        case .malformed: statistics.malformedMessages += 1
        case .channelRefused: statistics.channelsRefused += 1
        }
    }

    func closed(_ session: PeerSession, _ reason: CloseReason) {
        halfOpen.remove(ObjectIdentifier(session))
        sessions[session.local.credentials.ufrag] = nil
        addresses = addresses.filter { $0.value !== session }
        switch reason {
        case .vanished: statistics.vanished += 1
        case .notConnectedInTime, .noWay: statistics.notConnectedInTime += 1
        case .wrongFingerprint: statistics.wrongFingerprints += 1
        case .tooSlow: statistics.tooSlow += 1
        case .local, .remote, .failed, .violation: break
        }
    }
}
