/// What a connection tells. All of it is called on one event loop, one after the other: return soon, and call back into connections and channels at will.
public struct PeerHandlers: Sendable {
    public var onState: @Sendable (PeerState) -> Void = { _ in }
    /// The peer has opened a channel. A handler for its messages that is set within this call misses none.
    public var onChannel: @Sendable (DataChannel) -> Void = { _ in }

    public init() {}
}
