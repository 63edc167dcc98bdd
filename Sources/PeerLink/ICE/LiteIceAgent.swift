/// The side that only answers (RFC 8445, 2.5): for a host with one known address that many others come to.
struct LiteIceAgent: IceAgent {
    /// Addresses that one peer may be known by at a time; a browser has a handful.
    static let mostAddresses = 16

    private let local: IceCredentials
    private var remote: IceCredentials?
    private let timing: IceTiming
    private var addresses: [PeerAddress] = []
    private var isNominated = false
    private var lastHeard = Duration.zero
    private(set) var selected: PeerAddress?

    init(local: IceCredentials, timing: IceTiming = IceTiming()) {
        self.local = local
        self.timing = timing
    }

    /// Candidates are not needed: the peer's checks bring its addresses.
    mutating func start(remote: IceCredentials, candidates: [IceCandidate], at now: Duration) {
        self.remote = remote
        lastHeard = now
    }

    mutating func add(_ candidate: IceCandidate) {}

    mutating func received(_ stun: ReceivedStun, from source: PeerAddress, at now: Duration) -> [IceAction] {
        let message = stun.message
        guard message.kind == .request else {
            // Indications keep a binding alive; responses cannot be meant for one who asks nothing.
            return message.kind == .indication ? [] : [.refused(.unexpectedResponse)]
        }
        guard let username = stun.username, username.receiver == local.ufrag, username.sender == remote?.ufrag else {
            return [.refused(.wrongUsername)]
        }
        guard stun.isSigned(with: local.password) else { return [.refused(.notAuthentic)] }
        func respond(_ kind: StunMessage.Kind, _ attribute: StunAttribute) -> IceAction {
            let response = StunMessage(kind, transaction: message.transaction, attributes: [attribute])
            return .send(response.encoded(password: local.password), to: source)
        }
        let isControlled = message.attributes.contains { if case .iceControlled = $0 { true } else { false } }
        guard !isControlled else {
            return [respond(.failure, .errorCode(487, reason: "Role Conflict")), .refused(.roleConflict)]
        }
        var actions: [IceAction] = []
        if !addresses.contains(source) {
            guard addresses.count < Self.mostAddresses else { return [.refused(.tooManyAddresses)] }
            addresses.append(source)
            actions.append(.learnt(source))
        }
        lastHeard = now
        actions.append(respond(.success, .xorMappedAddress(source)))
        let nominates = message.attributes.contains(.useCandidate)
        if nominates || !isNominated { select(source, &actions) }
        if nominates { isNominated = true }
        return actions
    }

    private mutating func select(_ address: PeerAddress, _ actions: inout [IceAction]) {
        guard selected != address else { return }
        selected = address
        actions.append(.selected(address))
    }

    mutating func heard(at now: Duration) {
        lastHeard = now
    }

    mutating func tick(at now: Duration) -> [IceAction] {
        selected != nil && now - lastHeard > timing.silence ? [.lost] : []
    }
}
