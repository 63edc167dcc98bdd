/// What a channel is opened with.
public struct ChannelOptions: Equatable, Sendable {
    public var label: String
    /// The application's own name of what is spoken over the channel.
    public var subprotocol = ""
    public var isOrdered = true
    public var reliability = ChannelReliability.reliable
    /// What becomes of messages that the peer does not take fast enough.
    public var queue = SendQueue.Options()
    /// A stream that both sides have agreed on by other means, 0 to 1023: nothing is said about it on the wire. Nil lets this side choose one and
    /// open it.
    public var negotiatedStream: UInt16?

    public init(label: String) {
        self.label = label
    }

    /// For numbers of which only the last ones matter: unordered, each sent once, and the oldest given up where a viewer is slow.
    public static func live(label: String) -> ChannelOptions {
        var options = ChannelOptions(label: label)
        options.isOrdered = false
        options.reliability = .retransmissions(0)
        options.queue.whenFull = .dropOldest
        return options
    }
}
