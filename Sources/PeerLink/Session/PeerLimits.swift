/// What others may ask of this side. All of it is counted where it is refused.
public struct PeerLimits: Equatable, Sendable {
    /// Of an offer or answer.
    public var description = SessionDescription.Limits()
    /// Peers of one host at a time.
    public var peers = 512
    /// Those among them that are not connected yet.
    public var halfOpen = 256
    /// Offers a second that are answered; as many may come at once.
    public var attemptsPerSecond = 256
    /// How long an offer waits for its answer.
    public var answerTime = Duration.seconds(60)
    /// How long connecting may take, once both descriptions are there.
    public var connectTime = Duration.seconds(20)
    /// Bytes of a datagram; larger ones are dropped. At most 2048.
    public var datagram = 1500
    /// Channels of one connection, open and being opened.
    public var channels = 64
    /// Bytes of a message, either way; at most 256 KiB. The description tells the peer so.
    public var message = 64 * 1024
    /// Bytes that SCTP holds for one peer, behind the channels' queues.
    public var sendBuffer = 256 * 1024
    /// What waits on a channel that the peer has opened. Where it is full, the oldest are given up on a channel that is not reliable; a reliable one refuses.
    public var queue = SendQueue.Options()
    /// Bytes of a channel's label, and of its protocol.
    public var label = 256
    /// Messages that say something that the protocol has not, before the connection is closed.
    public var malformed = 16

    public init() {}

    /// For numbers of which only the last ones matter: a viewer that cannot keep up gets fewer, and none that is older than a second or so.
    public static var live: PeerLimits {
        var limits = PeerLimits()
        limits.message = 4 * 1024
        limits.sendBuffer = 16 * 1024
        limits.queue.messages = 128
        limits.queue.bytes = 16 * 1024
        return limits
    }
}
