import NIOCore

/// One peer: ICE, DTLS, SCTP and its channels, one on top of the other. Confined to ``PeerLoop``.
final class PeerSession {
    /// Whoever owns the socket and the table of peers.
    protocol Owner: AnyObject {
        /// From now on the session gets what comes from there.
        func learnt(_ address: PeerAddress, _ session: PeerSession)
        func count(_ event: PeerEvent, _ session: PeerSession)
        func closed(_ session: PeerSession, _ reason: CloseReason)
    }

    /// What an owner is told to count.
    enum PeerEvent: Equatable {
        case connected
        case refusedCheck
        case malformed
        case channelRefused
    }

    /// The description of this side, but for what depends on the other's.
    struct Local {
        let credentials: IceCredentials
        let limits: PeerLimits
        let context: DtlsContext
    }

    let local: Local
    /// When the other side's description came; before that, when this was made.
    private var began: Duration
    let handlers: PeerHandlers
    private(set) var state = PeerState.connecting
    private(set) var remote: SessionDescription?
    private(set) var role = DtlsSession.Role.server
    var association: SctpAssociation?
    var slots: [ChannelSlot] = []
    var statistics = PeerStatistics()
    /// Messages that the protocol has not: what came authentic, unlike what else is malformed.
    var violations = 0
    /// Whether SCTP has refused a message for want of room.
    var isBlocked = false
    var isClosed: Bool { if case .closed = state { true } else { false } }

    private let port: DatagramPort
    private weak var owner: (any Owner)?
    private var ice: any IceAgent
    private var dtls: DtlsSession?
    private var destination: SocketAddress?
    private let onStateChange: (PeerState) -> Void

    /// - Parameter onStateChange: Told before the handlers.
    init(
        _ local: Local, ice: any IceAgent, port: DatagramPort, handlers: PeerHandlers, owner: any Owner,
        at now: Duration, onStateChange: @escaping (PeerState) -> Void
    ) {
        self.local = local
        self.ice = ice
        self.port = port
        self.handlers = handlers
        self.owner = owner
        self.onStateChange = onStateChange
        began = now
    }

    var remoteAddress: PeerAddress? { ice.selected }

    /// The peer's description has come.
    ///
    /// - Parameter role: This side's in DTLS.
    func start(_ remote: SessionDescription, role: DtlsSession.Role, at now: Duration) {
        self.remote = remote
        self.role = role
        began = now
        ice.start(remote: remote.credentials, candidates: remote.candidates, at: now)
    }

    func add(_ candidate: IceCandidate) {
        ice.add(candidate)
    }

    // MARK: What comes in

    func received(_ stun: ReceivedStun, from source: PeerAddress, at now: Duration) {
        guard !isClosed else { return }
        perform(ice.received(stun, from: source, at: now), at: now)
    }

    /// Takes a datagram of DTLS from an address that the peer's checks came from.
    func received(_ record: UnsafeRawBufferPointer, at now: Duration) {
        guard !isClosed, remote != nil else { return }
        // Held, because what comes may close the session.
        guard let dtls = dtls ?? encrypt(at: now) else { return }
        dtls.receive(record) { event in
            take(event, at: now)
        } onData: { packet in
            ice.heard(at: now)
            association?.receive(packet)
        }
        process()
    }

    func tick(at now: Duration, isSlow: Bool) {
        guard !isClosed else { return }
        if isSlow {
            perform(ice.tick(at: now), at: now)
            for event in dtls?.tick() ?? [] { take(event, at: now) }
            let limit = remote == nil ? local.limits.answerTime : local.limits.connectTime
            if state == .connecting, now - began > limit { close(.notConnectedInTime) }
        }
        process()
    }

    private func perform(_ actions: [IceAction], at now: Duration) {
        for action in actions where !isClosed {
            switch action {
            case .send(let bytes, let address):
                bytes.withUnsafeBytes { port.send($0, to: address.socketAddress) }
            case .learnt(let address): owner?.learnt(address, self)
            case .selected(let address):
                destination = address.socketAddress
                if role == .client, dtls == nil, remote != nil, let dtls = encrypt(at: now) {
                    for event in dtls.start() { take(event, at: now) }
                }
            case .failed: close(.noWay)
            case .lost: close(state == .connected ? .vanished : .notConnectedInTime)
            case .refused: count(.refusedCheck)
            }
        }
    }

    func count(_ event: PeerEvent) {
        if event == .malformed || event == .refusedCheck { statistics.malformed += 1 }
        if event == .channelRefused { statistics.channelsRefused += 1 }
        owner?.count(event, self)
    }

    // MARK: Encryption

    private func encrypt(at now: Duration) -> DtlsSession? {
        do {
            let session = try DtlsSession(
                local.context, role: role, expected: remote?.fingerprints ?? [],
                output: { [weak self] datagram in
                    guard let self, let destination else { return }
                    port.send(datagram, to: destination)
                })
            dtls = session
            return session
        } catch {
            close(.failed("DTLS: \(error)"))
            return nil
        }
    }

    private func take(_ event: DtlsSession.Event, at now: Duration) {
        switch event {
        case .connected: associate()
        case .wrongFingerprint: close(.wrongFingerprint)
        case .closed: close(.remote)
        case .failed(let error): close(.failed("DTLS: \(error)"))
        }
    }

    private func associate() {
        var settings = SctpSettings()
        settings.sendBuffer = Int32(clamping: local.limits.sendBuffer)
        settings.message = local.limits.message
        settings.sendBuffer = max(settings.sendBuffer, Int32(clamping: 2 * local.limits.message))
        do {
            association = try SctpAssociation(
                localPort: Self.sctpPort, remotePort: remote?.sctpPort ?? Self.sctpPort, settings: settings,
                output: { [weak self] packet in self?.dtls?.send(packet) })
        } catch {
            close(.failed("\(error)"))
        }
    }

    static let sctpPort: UInt16 = 5000

    // MARK: The end

    func enterConnected() {
        guard state == .connecting else { return }
        statistics.connectTime = PeerLoop.now - began
        owner?.count(.connected, self)
        enter(.connected)
    }

    /// Ends everything. Not to be called by what SCTP calls.
    func close(_ reason: CloseReason) {
        guard !isClosed else { return }
        for slot in slots { settle(slot.channel) }
        let channels = slots.map(\.channel)
        slots = []
        // The peer is told by SCTP's abort and by DTLS's farewell.
        association?.close()
        dtls?.close()
        // Whoever is calling holds them as long as it needs them.
        (association, dtls) = (nil, nil)
        enter(.closed(reason))
        for channel in channels { channel.enter(.closed) }
        owner?.closed(self, reason)
    }

    private func enter(_ state: PeerState) {
        self.state = state
        onStateChange(state)
        handlers.onState(state)
    }
}
