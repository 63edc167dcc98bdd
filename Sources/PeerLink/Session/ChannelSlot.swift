/// A channel as its session knows it. Confined to ``PeerLoop``.
final class ChannelSlot {
    let channel: DataChannel
    /// Nil until the connection is there.
    var stream: UInt16?
    /// What the establishment protocol still has to say, before all messages.
    var control: [DcepMessage] = []
    /// A message that SCTP had no room for.
    var held: ChannelMessage?
    /// Whether the peer has answered the opening: before it messages stay in order, so that none overtakes it (RFC 8832, 6).
    var isAcknowledged: Bool
    var isClosing = false
    /// Whether the peer sends nothing more.
    var isPeerDone = false
    /// Whether the peer has been told that nothing more comes.
    var isReset = false

    /// The stream that is nobody else's: the one that it has, or will have.
    var claim: UInt16? { stream ?? channel.options.negotiatedStream }

    init(_ channel: DataChannel, stream: UInt16?, isAcknowledged: Bool) {
        self.channel = channel
        self.stream = stream
        self.isAcknowledged = isAcknowledged
    }
}
