import NIOConcurrencyHelpers
import NIOCore

/// One offered session on the loop, with its socket. Confined to ``PeerLoop``. The ticker keeps it while the session lives.
final class PeerOfferCore {
    private static let gathering = Duration.seconds(2)

    private let port: DatagramPort
    private let limits: PeerLimits
    private let context: DtlsContext
    private let credentials: IceCredentials
    private let hosts: [IceCandidate]
    private let began: Duration
    private let number: UInt64
    private var query: StunQuery<SystemRandomNumberGenerator>?
    private var reflexive: PeerAddress?
    private var gathered: [() -> Void] = []
    private var known: Set<PeerAddress> = []
    private var laterCandidates = 0
    private let current = NIOLockedValueBox(PeerState.connecting)
    /// Made right after everything else, because it has this as its owner.
    private var made: PeerSession?

    init(
        _ configuration: PeerConfiguration, context: DtlsContext, port: DatagramPort, stunServer: PeerAddress?,
        handlers: PeerHandlers
    ) throws(PeerLinkError) {
        self.port = port
        self.context = context
        limits = configuration.limits
        began = PeerLoop.now
        hosts = try LocalCandidates.hosts(configuration, local: port.local)
        var random = SystemRandomNumberGenerator()
        credentials = IceCredentials(using: &random)
        number = random.next()
        query = stunServer.map { StunQuery(server: $0, random: SystemRandomNumberGenerator()) }
        let agent = FullIceAgent(
            local: credentials, isControlling: true, localPriority: hosts[0].priority,
            random: SystemRandomNumberGenerator())
        made = PeerSession(
            PeerSession.Local(credentials: credentials, limits: limits, context: context), ice: agent, port: port,
            handlers: handlers, owner: self, at: began,
            onStateChange: { [current] value in current.withLockedValue { $0 = value } })
        port.onDatagram { [weak self] bytes, source in self?.received(bytes, from: source) }
        PeerTicker.shared.add(self)
    }

    var session: PeerSession {
        guard let made else { preconditionFailure("made by init") }
        return made
    }

    var connection: PeerConnection { PeerConnection(session, state: current) }

    var description: String {
        let candidates = hosts + (reflexive.map { [LocalCandidates.reflexive($0, base: port.local)] } ?? [])
        return SessionDescription(
            credentials: credentials, isLite: false, fingerprints: [context.certificate.fingerprint], setup: .actpass,
            sctpPort: PeerSession.sctpPort, maxMessageSize: UInt64(limits.message), candidates: candidates
        ).text(session: number)
    }

    func whenGathered(_ body: @escaping () -> Void) {
        guard query != nil, reflexive == nil else { return body() }
        gathered.append(body)
    }

    private func endGathering() {
        let waiting = gathered
        gathered = []
        for body in waiting { body() }
    }

    func accept(_ answer: String) throws {
        guard !session.isClosed, session.remote == nil else { throw PeerLinkError.closed }
        let remote = try SessionDescription(parsing: answer, limits: limits.description)
        guard remote.setup != .actpass else { throw PeerLinkError.answerIsNotOne }
        session.start(remote, role: remote.setup == .active ? .server : .client, at: PeerLoop.now)
    }

    func add(_ candidate: String) -> Bool {
        laterCandidates += 1
        guard laterCandidates <= limits.description.candidates,
            case .usable(let candidate) = IceCandidate.parse(candidate)
        else { return false }
        session.add(candidate)
        return true
    }

    private func received(_ bytes: UnsafeRawBufferPointer, from socketAddress: SocketAddress) {
        guard let first = bytes.first, bytes.count <= limits.datagram, let source = PeerAddress(socketAddress) else {
            return session.count(.malformed)
        }
        let now = PeerLoop.now
        switch first {
        case 0...3:
            guard let stun = try? ReceivedStun(Array(bytes)) else { return session.count(.malformed) }
            if let actions = query?.received(stun, from: source, at: now) { return perform(actions) }
            session.received(stun, from: source, at: now)
        case 20...63 where known.contains(source): session.received(bytes, at: now)
        default: session.count(.malformed)
        }
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
}

extension PeerOfferCore: PeerTicker.Participant {
    func tick(at now: Duration, isSlow: Bool) {
        session.tick(at: now, isSlow: isSlow)
        guard isSlow else { return }
        perform(query?.tick(at: now) ?? [])
        if !gathered.isEmpty, now - began > Self.gathering { endGathering() }
    }
}

extension PeerOfferCore: PeerSession.Owner {
    func learnt(_ address: PeerAddress, _ session: PeerSession) {
        known.insert(address)
    }

    func count(_ event: PeerSession.PeerEvent, _ session: PeerSession) {}

    func closed(_ session: PeerSession, _ reason: CloseReason) {
        PeerTicker.shared.remove(self)
        endGathering()
        port.close().whenComplete { _ in }
    }
}
