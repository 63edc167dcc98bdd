/// Asks a STUN server for the address that the socket has beyond its NAT, and again so that the NAT keeps it.
struct StunQuery<Random: RandomNumberGenerator & Sendable>: Sendable {
    enum Action: Equatable, Sendable {
        case send([UInt8], to: PeerAddress)
        /// The socket's address as the server sees it.
        case found(PeerAddress)
    }

    /// RFC 8489, 6.2.1: 500 ms, doubled each time.
    static var retransmission: Duration { .milliseconds(500) }
    static var attempts: Int { 5 }
    /// Less than the two minutes after which a NAT may forget (RFC 4787, 4.3); many forget after 30 s.
    static var refresh: Duration { .seconds(20) }

    let server: PeerAddress
    private var random: Random
    private var transaction: TransactionID?
    private var sent = 0
    private var next = Duration.zero

    init(server: PeerAddress, random: Random) {
        self.server = server
        self.random = random
    }

    /// - Returns: Nil where the message is not the server's answer.
    mutating func received(_ stun: ReceivedStun, from source: PeerAddress, at now: Duration) -> [Action]? {
        guard source == server, stun.message.transaction == transaction, stun.message.kind != .request else {
            return nil
        }
        transaction = nil
        next = now + Self.refresh
        guard stun.message.kind == .success, let address = stun.mappedAddress else { return [] }
        return [.found(address)]
    }

    mutating func tick(at now: Duration) -> [Action] {
        guard now >= next else { return [] }
        if transaction == nil || sent >= Self.attempts {
            transaction = TransactionID(using: &random)
            sent = 0
        }
        guard let transaction else { return [] }
        next = now + (sent + 1 < Self.attempts ? Self.retransmission * (1 << sent) : Self.refresh)
        sent += 1
        return [.send(StunMessage(.request, transaction: transaction).encoded(password: nil), to: server)]
    }
}
