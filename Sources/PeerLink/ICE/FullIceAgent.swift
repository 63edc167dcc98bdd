/// The side that checks as well as answers (RFC 8445), over one local socket: for whoever makes offers.
///
/// Nomination is regular: the controlling side names one pair, after pairs have had ``IceTiming/nomination`` to succeed.
struct FullIceAgent<Random: RandomNumberGenerator & Sendable>: IceAgent {
    /// Pairs that are looked at for one peer.
    static var mostPairs: Int { 32 }

    let local: IceCredentials
    let timing: IceTiming
    let tieBreaker: UInt64
    private let localPriority: UInt32
    private(set) var isControlling: Bool
    private(set) var pairs: [CandidatePair] = []
    private(set) var selected: PeerAddress?
    private var remote: IceCredentials?
    private var random: Random
    private var nextCheck = Duration.zero
    private var firstSuccess: Duration?
    private var lastHeard = Duration.zero
    /// The check of the pair in use that has no answer yet, and when the next one is due.
    private var consent: TransactionID?
    private var nextConsent = Duration.zero
    private var hasFailed = false

    /// - Parameter localPriority: That of the best local candidate.
    init(
        local: IceCredentials, isControlling: Bool, localPriority: UInt32, timing: IceTiming = IceTiming(),
        random: Random
    ) {
        var random = random
        self.local = local
        self.isControlling = isControlling
        self.localPriority = localPriority
        self.timing = timing
        tieBreaker = random.next()
        self.random = random
    }

    mutating func start(remote: IceCredentials, candidates: [IceCandidate], at now: Duration) {
        self.remote = remote
        lastHeard = now
        for candidate in candidates { add(candidate) }
    }

    mutating func add(_ candidate: IceCandidate) {
        _ = pair(for: candidate.address, remotePriority: candidate.priority)
    }

    mutating func received(_ stun: ReceivedStun, from source: PeerAddress, at now: Duration) -> [IceAction] {
        switch stun.message.kind {
        case .request: answer(stun, from: source, at: now)
        case .success, .failure: conclude(stun, from: source, at: now)
        case .indication: []
        }
    }

    mutating func heard(at now: Duration) {
        lastHeard = now
    }

    mutating func tick(at now: Duration) -> [IceAction] {
        guard remote != nil, !hasFailed else { return [] }
        if let selected {
            if now - lastHeard > timing.silence {
                hasFailed = true
                return [.lost]
            }
            return now >= nextConsent ? [askConsent(selected, at: now)] : []
        }
        nominate(at: now)
        var actions: [IceAction] = []
        for index in pairs.indices {
            if case .checking(let transaction, let nominates, let attempts, let again) = pairs[index].state,
                now >= again
            {
                guard attempts < timing.attempts else {
                    pairs[index].state = .failed
                    pairs[index].isNominated = false
                    continue
                }
                let wait = min(timing.retransmission * (1 << attempts), timing.longestRetransmission)
                pairs[index].state = .checking(
                    transaction, nominates: nominates, attempts: attempts + 1, again: now + wait)
                actions.append(check(pairs[index].remote, transaction, nominates: nominates))
            }
        }
        if now >= nextCheck, let index = nextWaiting() {
            nextCheck = now + timing.pace
            actions.append(begin(index, nominates: false, at: now))
        }
        // The session that owns this has a limit of its own for a peer that never says anything.
        if !pairs.isEmpty, pairs.allSatisfy({ $0.state == .failed }) {
            hasFailed = true
            actions.append(.failed)
        }
        return actions
    }
}

// MARK: - Requests of the other side

extension FullIceAgent {
    private mutating func answer(_ stun: ReceivedStun, from source: PeerAddress, at now: Duration) -> [IceAction] {
        guard let username = stun.username, username.receiver == local.ufrag,
            remote.map({ $0.ufrag == username.sender }) ?? true
        else { return [.refused(.wrongUsername)] }
        guard stun.isSigned(with: local.password) else { return [.refused(.notAuthentic)] }
        func respond(_ kind: StunMessage.Kind, _ attribute: StunAttribute) -> IceAction {
            let response = StunMessage(kind, transaction: stun.message.transaction, attributes: [attribute])
            return .send(response.encoded(password: local.password), to: source)
        }
        guard resolveRoles(stun.message) else {
            return [respond(.failure, .errorCode(487, reason: "Role Conflict")), .refused(.roleConflict)]
        }
        let isKnown = pairs.contains { $0.remote == source }
        guard let index = pair(for: source, remotePriority: stun.priority ?? 0) else {
            return [.refused(.tooManyAddresses)]
        }
        lastHeard = now
        var actions: [IceAction] = isKnown ? [] : [.learnt(source)]
        actions.append(respond(.success, .xorMappedAddress(source)))
        if !isControlling, stun.message.attributes.contains(.useCandidate) {
            pairs[index].isNominated = true
            if pairs[index].hasSucceeded { select(source, at: now, &actions) }
        }
        if remote != nil, selected == nil, let check = triggered(index, at: now) { actions.append(check) }
        return actions
    }

    /// What reaches us can probably be reached: a check is made at once, or the one under way sent again soon (RFC 8445, 7.3.1.4).
    private mutating func triggered(_ index: Int, at now: Duration) -> IceAction? {
        switch pairs[index].state {
        case .waiting, .failed: return begin(index, nominates: false, at: now)
        case .checking(let transaction, let nominates, let attempts, _) where attempts > 1:
            pairs[index].state = .checking(transaction, nominates: nominates, attempts: 1, again: now)
            return nil
        case .checking, .succeeded: return nil
        }
    }

    /// - Returns: Whether the request is answered; where not, the other side has to change its role.
    private mutating func resolveRoles(_ message: StunMessage) -> Bool {
        for attribute in message.attributes {
            switch attribute {
            case .iceControlling(let theirs) where isControlling:
                guard tieBreaker < theirs else { return false }
                isControlling = false
            case .iceControlled(let theirs) where !isControlling:
                guard tieBreaker >= theirs else { return false }
                isControlling = true
            default: break
            }
        }
        return true
    }

    /// The pair with an address, made where it is not there; nil when there are too many.
    private mutating func pair(for address: PeerAddress, remotePriority: UInt32) -> Int? {
        if let index = pairs.firstIndex(where: { $0.remote == address }) { return index }
        guard pairs.count < Self.mostPairs else { return nil }
        let priority = CandidatePair.priority(
            controlling: isControlling ? localPriority : remotePriority,
            controlled: isControlling ? remotePriority : localPriority)
        pairs.append(CandidatePair(remote: address, priority: priority))
        return pairs.endIndex - 1
    }
}

// MARK: - Requests of ours

extension FullIceAgent {
    private func check(_ address: PeerAddress, _ transaction: TransactionID, nominates: Bool) -> IceAction {
        let priority = IceCandidate.priority(.peerReflexive, preference: 65535)
        var attributes: [StunAttribute] = [
            .username("\(remote?.ufrag ?? ""):\(local.ufrag)"), .priority(priority),
            isControlling ? .iceControlling(tieBreaker: tieBreaker) : .iceControlled(tieBreaker: tieBreaker),
        ]
        if nominates { attributes.append(.useCandidate) }
        let request = StunMessage(.request, transaction: transaction, attributes: attributes)
        return .send(request.encoded(password: remote?.password), to: address)
    }

    private mutating func begin(_ index: Int, nominates: Bool, at now: Duration) -> IceAction {
        let transaction = TransactionID(using: &random)
        pairs[index].state = .checking(
            transaction, nominates: nominates, attempts: 1, again: now + timing.retransmission)
        return check(pairs[index].remote, transaction, nominates: nominates)
    }

    private func nextWaiting() -> Int? {
        pairs.indices.filter { pairs[$0].state == .waiting }.max { pairs[$0].priority < pairs[$1].priority }
    }

    /// The controlling side names the best pair that has succeeded, when others have had their time.
    private mutating func nominate(at now: Duration) {
        guard isControlling, let firstSuccess, now >= firstSuccess + timing.nomination,
            !pairs.contains(where: \.isNominated),
            let index = pairs.indices.filter({ pairs[$0].state == .succeeded }).max(by: {
                pairs[$0].priority < pairs[$1].priority
            })
        else { return }
        pairs[index].isNominated = true
        // Sent at once by the retransmissions that follow.
        pairs[index].state = .checking(TransactionID(using: &random), nominates: true, attempts: 0, again: now)
    }

    private mutating func conclude(_ stun: ReceivedStun, from source: PeerAddress, at now: Duration) -> [IceAction] {
        guard let remote, stun.isSigned(with: remote.password) else { return [.refused(.notAuthentic)] }
        if stun.message.transaction == consent, source == selected {
            consent = nil
            if stun.message.kind == .success { lastHeard = now }
            return []
        }
        let found = pairs.firstIndex { pair in
            guard case .checking(stun.message.transaction, _, _, _) = pair.state else { return false }
            return pair.remote == source
        }
        guard let found, case .checking(_, let nominates, _, _) = pairs[found].state else {
            return [.refused(.unexpectedResponse)]
        }
        guard stun.message.kind == .success else { return refused(found, stun, at: now) }
        var actions: [IceAction] = [.learnt(source)]
        lastHeard = now
        pairs[found].state = .succeeded
        pairs[found].hasSucceeded = true
        firstSuccess = firstSuccess ?? now
        if nominates || !isControlling && pairs[found].isNominated { select(source, at: now, &actions) }
        return actions
    }

    /// An error response: a conflict of roles changes ours, and the check is made again; else the pair has failed.
    private mutating func refused(_ index: Int, _ stun: ReceivedStun, at now: Duration) -> [IceAction] {
        pairs[index].isNominated = false
        guard stun.errorCode == 487 else {
            pairs[index].state = .failed
            return []
        }
        isControlling.toggle()
        return [begin(index, nominates: false, at: now), .refused(.roleConflict)]
    }

    private mutating func select(_ address: PeerAddress, at now: Duration, _ actions: inout [IceAction]) {
        guard selected != address else { return }
        selected = address
        nextConsent = now + timing.consent
        actions.append(.selected(address))
    }

    private mutating func askConsent(_ address: PeerAddress, at now: Duration) -> IceAction {
        let transaction = TransactionID(using: &random)
        consent = transaction
        nextConsent = now + timing.consent * Double.random(in: 0.8...1.2, using: &random)
        return check(address, transaction, nominates: false)
    }
}
