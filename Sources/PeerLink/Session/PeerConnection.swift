import NIOConcurrencyHelpers
import NIOCore

/// A connection to a peer, or one that is being made. To be used from any thread; nothing keeps it but whoever has it and its host.
public final class PeerConnection: Sendable {
    private let session: NIOLoopBound<PeerSession>
    private let current: NIOLockedValueBox<PeerState>

    init(_ session: PeerSession, state: NIOLockedValueBox<PeerState>) {
        self.session = NIOLoopBound(session, eventLoop: PeerLoop.loop)
        current = state
    }

    public var state: PeerState { current.withLockedValue { $0 } }

    /// Opens a channel. Messages may be sent at once: they wait until the connection is there.
    ///
    /// - Parameter onMessage: Gets messages, on the peers' event loop. One that is set afterwards misses what the peer says at once.
    public func open(
        _ options: ChannelOptions, onMessage: DataChannel.MessageHandler? = nil
    ) async throws(PeerLinkError) -> DataChannel {
        try await onLoop { session throws(PeerLinkError) in try session.open(options, onMessage: onMessage) }
    }

    /// Closes the connection at once; the peer is told. What waits is given up.
    public func close() {
        PeerLoop.loop.execute { self.session.value.close(.local) }
    }

    public func statistics() async -> PeerStatistics {
        let statistics = try? await onLoop { session throws(PeerLinkError) in
            for slot in session.slots { session.settle(slot.channel) }
            return session.statistics
        }
        return statistics ?? PeerStatistics()
    }

    /// Where datagrams go; nil before a way was found.
    public func remoteAddress() async -> PeerAddress? {
        try? await onLoop { session throws(PeerLinkError) in session.remoteAddress }
    }

    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (PeerSession) throws(PeerLinkError) -> Value
    ) async throws(PeerLinkError) -> Value {
        try await PeerLoop.run { () throws(PeerLinkError) -> Value in try body(self.session.value) }
    }
}
