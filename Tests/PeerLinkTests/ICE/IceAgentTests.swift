import TestSupport
import Testing

@testable import PeerLink

/// Two agents, joined by a link that loses by seed, in time that is counted.
struct IceAgentTests {
    private struct Link {
        var agents: [any IceAgent]
        let addresses: [PeerAddress]
        var random: SeededRandom
        var loss = 0.0
        var cut = false
        var now = Duration.zero
        var actions: [[IceAction]] = [[], []]
        private var flying: [(side: Int, bytes: [UInt8])] = []

        init(_ agents: [any IceAgent], loss: Double = 0, seed: UInt64 = 1) throws {
            self.agents = agents
            self.loss = loss
            random = SeededRandom(seed: seed)
            addresses = try ["192.0.2.1", "192.0.2.2"].map { try #require(PeerAddress(host: $0, port: 4000)) }
        }

        /// Lets 10 ms pass.
        mutating func step() throws {
            now += .milliseconds(10)
            let arriving = flying
            flying = []
            for (side, bytes) in arriving {
                carry(try agents[side].received(ReceivedStun(bytes), from: addresses[1 - side], at: now), from: side)
            }
            for side in 0...1 { carry(agents[side].tick(at: now), from: side) }
        }

        private mutating func carry(_ new: [IceAction], from side: Int) {
            for action in new {
                guard case .send(let bytes, let address) = action else {
                    actions[side].append(action)
                    continue
                }
                guard !cut, address == addresses[1 - side], Double.random(in: 0..<1, using: &random) >= loss else {
                    continue
                }
                flying.append((1 - side, bytes))
            }
        }

        mutating func run(for time: Duration, until done: (Link) -> Bool = { _ in false }) throws {
            let end = now + time
            while now < end, !done(self) { try step() }
        }

        var isConnected: Bool { agents.allSatisfy { $0.selected != nil } }
        func has(_ action: IceAction, _ side: Int) -> Bool { actions[side].contains(action) }
    }

    private static func credentials(_ seed: UInt64) -> IceCredentials {
        var random = SeededRandom(seed: seed)
        return IceCredentials(using: &random)
    }

    private static let one = credentials(1)
    private static let two = credentials(2)

    private func full(
        _ local: IceCredentials, isControlling: Bool, seed: UInt64, timing: IceTiming = IceTiming()
    ) -> FullIceAgent<SeededRandom> {
        FullIceAgent(
            local: local, isControlling: isControlling,
            localPriority: IceCandidate.priority(.host, preference: 65535), timing: timing,
            random: SeededRandom(seed: seed))
    }

    /// A full agent at side 0 that knows the other's address, and whatever stands at side 1.
    private func link(
        _ first: FullIceAgent<SeededRandom>, _ second: any IceAgent, loss: Double = 0, seed: UInt64 = 1
    ) throws -> Link {
        var link = try Link([first, second], loss: loss, seed: seed)
        let candidate = IceCandidate(.host, link.addresses[1], preference: 65535)
        link.agents[0].start(remote: Self.two, candidates: [candidate], at: .zero)
        link.agents[1].start(remote: Self.one, candidates: [], at: .zero)
        return link
    }

    @Test("a full agent finds a lite one, which learns the address from its checks, and names one pair")
    func fullAndLite() throws {
        var link = try link(full(Self.one, isControlling: true, seed: 3), LiteIceAgent(local: Self.two))
        try link.run(for: .seconds(1)) { $0.isConnected }
        #expect(link.actions[1] == [.learnt(link.addresses[0]), .selected(link.addresses[0])])
        #expect(link.has(.selected(link.addresses[1]), 0))
        #expect(link.now < .milliseconds(300))
    }

    @Test(
        "two full agents meet, though one of them has been told no candidate", arguments: [0, 0.2, 0.4], [1, 2, 3, 4])
    func twoFull(loss: Double, seed: UInt64) throws {
        var link = try link(
            full(Self.one, isControlling: true, seed: 3), full(Self.two, isControlling: false, seed: 4), loss: loss,
            seed: seed)
        try link.run(for: .seconds(20)) { $0.isConnected }
        #expect(link.isConnected)
    }

    @Test("where both want to control, one of them gives way", arguments: [true, false])
    func conflict(isControlling: Bool) throws {
        var link = try link(
            full(Self.one, isControlling: isControlling, seed: 3),
            full(Self.two, isControlling: isControlling, seed: 4))
        try link.run(for: .seconds(5)) { $0.isConnected }
        #expect(link.isConnected)
        let roles = link.agents.compactMap { ($0 as? FullIceAgent<SeededRandom>)?.isControlling }
        #expect(Set(roles) == [true, false])
    }

    @Test("a peer that is cut off is lost on both sides within 30 s, and not before 20 s", arguments: [true, false])
    func silence(isLite: Bool) throws {
        let second: any IceAgent =
            isLite ? LiteIceAgent(local: Self.two) : full(Self.two, isControlling: false, seed: 4)
        var link = try link(full(Self.one, isControlling: true, seed: 3), second)
        try link.run(for: .seconds(60))
        #expect(link.isConnected && !link.has(.lost, 0) && !link.has(.lost, 1))
        link.cut = true
        try link.run(for: .seconds(20))
        #expect(!link.has(.lost, 0) && !link.has(.lost, 1))
        try link.run(for: .seconds(10))
        #expect(link.has(.lost, 0) && link.has(.lost, 1))
    }

    @Test("a tenth of all checks may be lost, for ten minutes")
    func lossyTime() throws {
        var link = try link(
            full(Self.one, isControlling: true, seed: 3), full(Self.two, isControlling: false, seed: 4), loss: 0.1)
        try link.run(for: .seconds(600))
        #expect(link.isConnected && !link.has(.lost, 0) && !link.has(.lost, 1))
    }

    @Test("no way is found where nobody answers")
    func nobody() throws {
        var link = try link(full(Self.one, isControlling: true, seed: 3), LiteIceAgent(local: Self.two))
        link.cut = true
        try link.run(for: .seconds(20)) { $0.has(.failed, 0) }
        #expect(link.has(.failed, 0))
    }

    @Test("checks with another name, another password or none are refused, and teach no address")
    func strangers() throws {
        let source = try #require(PeerAddress(host: "192.0.2.9", port: 9))
        let transaction = try #require(TransactionID(bytes: noise(12, seed: 1)))
        func request(_ username: String, _ password: String?, _ more: [StunAttribute] = []) throws -> ReceivedStun {
            let message = StunMessage(.request, transaction: transaction, attributes: [.username(username)] + more)
            return try ReceivedStun(message.encoded(password: password))
        }
        let name = "\(Self.two.ufrag):\(Self.one.ufrag)"
        var agents: [any IceAgent] = [
            LiteIceAgent(local: Self.two), full(Self.two, isControlling: false, seed: 4),
        ]
        for index in agents.indices {
            agents[index].start(remote: Self.one, candidates: [], at: .zero)
            #expect(
                agents[index].received(try request(name, Self.one.password), from: source, at: .zero)
                    == [.refused(.notAuthentic)])
            #expect(
                agents[index].received(try request(name, nil), from: source, at: .zero) == [.refused(.notAuthentic)])
            #expect(
                agents[index].received(
                    try request("\(Self.two.ufrag):else", Self.two.password), from: source, at: .zero)
                    == [.refused(.wrongUsername)])
            let response = StunMessage(.success, transaction: transaction, attributes: [.xorMappedAddress(source)])
            let answer = try ReceivedStun(response.encoded(password: Self.one.password))
            #expect(agents[index].received(answer, from: source, at: .zero) == [.refused(.unexpectedResponse)])
            #expect(agents[index].selected == nil)
        }
    }

    @Test("an answer to a check that the peer's password has not made, or that comes from elsewhere, is refused")
    func forgedAnswers() throws {
        var agent = full(Self.one, isControlling: true, seed: 3)
        let peer = try #require(PeerAddress(host: "192.0.2.9", port: 9))
        let stranger = try #require(PeerAddress(host: "192.0.2.8", port: 9))
        agent.start(remote: Self.two, candidates: [IceCandidate(.host, peer, preference: 1)], at: .zero)
        guard case .send(let bytes, peer)? = agent.tick(at: .zero).first else {
            Issue.record("no check was sent")
            return
        }
        let check = try ReceivedStun(bytes)
        func answer(_ password: String?, _ kind: StunMessage.Kind = .success) throws -> ReceivedStun {
            let message = StunMessage(
                kind, transaction: check.message.transaction,
                attributes: [kind == .success ? .xorMappedAddress(peer) : .errorCode(487, reason: "Role Conflict")])
            return try ReceivedStun(message.encoded(password: password))
        }
        for password in [nil, Self.one.password, ""] {
            #expect(agent.received(try answer(password), from: peer, at: .zero) == [.refused(.notAuthentic)])
            #expect(agent.received(try answer(password, .failure), from: peer, at: .zero) == [.refused(.notAuthentic)])
        }
        #expect(
            agent.received(try answer(Self.two.password), from: stranger, at: .zero) == [.refused(.unexpectedResponse)])
        #expect(agent.isControlling)
        #expect(agent.received(try answer(Self.two.password), from: peer, at: .zero) == [.learnt(peer)])
    }

    @Test("a lite agent sends where the last check came from until one address is named, and then there")
    func nominated() throws {
        var agent = LiteIceAgent(local: Self.two)
        agent.start(remote: Self.one, candidates: [], at: .zero)
        let places = try ["192.0.2.1", "192.0.2.2"].map { try #require(PeerAddress(host: $0, port: 9)) }
        let transaction = try #require(TransactionID(bytes: noise(12, seed: 1)))
        func check(_ place: Int, nominates: Bool) throws -> PeerAddress? {
            let message = StunMessage(
                .request, transaction: transaction,
                attributes: [.username("\(Self.two.ufrag):\(Self.one.ufrag)")] + (nominates ? [.useCandidate] : []))
            let stun = try ReceivedStun(message.encoded(password: Self.two.password))
            _ = agent.received(stun, from: places[place], at: .zero)
            return agent.selected
        }
        #expect(try check(0, nominates: false) == places[0])
        #expect(try check(1, nominates: false) == places[1])
        #expect(try check(0, nominates: true) == places[0])
        #expect(try check(1, nominates: false) == places[0])
        #expect(try check(1, nominates: true) == places[1])
    }

    @Test("a lite agent knows a bounded number of addresses of one peer")
    func addresses() throws {
        var agent = LiteIceAgent(local: Self.two)
        agent.start(remote: Self.one, candidates: [], at: .zero)
        let transaction = try #require(TransactionID(bytes: noise(12, seed: 1)))
        let request = StunMessage(
            .request, transaction: transaction, attributes: [.username("\(Self.two.ufrag):\(Self.one.ufrag)")])
        let check = try ReceivedStun(request.encoded(password: Self.two.password))
        let refused = try (1...20).count { port in
            let source = try #require(PeerAddress(host: "192.0.2.9", port: UInt16(port)))
            return agent.received(check, from: source, at: .zero) == [.refused(.tooManyAddresses)]
        }
        #expect(refused == 20 - LiteIceAgent.mostAddresses)
    }
}
