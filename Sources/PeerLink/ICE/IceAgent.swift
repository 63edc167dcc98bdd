/// One side of connectivity establishment for one peer: what came and when goes in, what is to be done comes out.
protocol IceAgent: Sendable {
    /// The other side's description has come; checks before that are answered, but lead to nothing.
    mutating func start(remote: IceCredentials, candidates: [IceCandidate], at now: Duration)
    /// A candidate that came later.
    mutating func add(_ candidate: IceCandidate)
    /// A message from `source`; whether it is authentic the agent finds out itself.
    mutating func received(_ stun: ReceivedStun, from source: PeerAddress, at now: Duration) -> [IceAction]
    /// To be called about 20 times a second.
    mutating func tick(at now: Duration) -> [IceAction]
    /// The peer has shown by other means that it is there: a record that its keys have made.
    mutating func heard(at now: Duration)
    /// Where datagrams to the peer go.
    var selected: PeerAddress? { get }
}

enum IceAction: Equatable, Sendable {
    case send([UInt8], to: PeerAddress)
    /// An authentic check came from there: its datagrams are the peer's.
    case learnt(PeerAddress)
    /// From now on datagrams go there.
    case selected(PeerAddress)
    /// No way to the peer was found.
    case failed
    /// The peer has shown no sign of life for ``IceTiming/silence``.
    case lost
    /// Something that was not authentic, or not understood.
    case refused(IceRefusal)
}

/// Why a check was not answered as its sender wished.
enum IceRefusal: Equatable, Sendable {
    /// MESSAGE-INTEGRITY is missing or was made with another password.
    case notAuthentic
    case wrongUsername
    /// Both sides want the same role; answered with 487.
    case roleConflict
    /// A response to no request of ours, or from another address.
    case unexpectedResponse
    case tooManyAddresses
}

/// The times of ICE; RFC 8445, 14, and RFC 7675, 5.1.
struct IceTiming: Equatable, Sendable {
    /// Between two checks of one agent.
    var pace = Duration.milliseconds(20)
    /// Until a check is sent again; doubled each time, up to the longest.
    var retransmission = Duration.milliseconds(100)
    var longestRetransmission = Duration.milliseconds(1600)
    /// How often a check is sent before its pair has failed, after 11 s in all.
    var attempts = 10
    /// After the first pair that works: how long a better one may still come.
    var nomination = Duration.milliseconds(60)
    /// Between two checks of the pair in use; varied by a fifth either way.
    var consent = Duration.seconds(5)
    /// Less than the 30 s after which consent is over, so that whoever watches hears of it within them.
    var silence = Duration.seconds(25)
}
