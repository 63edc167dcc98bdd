import NIOCore

/// An offer that was made, and the connection that comes of it. To be used from any thread.
public final class PeerOffer: Sendable {
    /// The session description for the peer; its candidates are complete.
    public let description: String
    public let connection: PeerConnection
    /// Those that the offer was made with.
    public let channels: [DataChannel]
    private let core: NIOLoopBound<PeerOfferCore>

    init(_ core: PeerOfferCore, channels: [DataChannel]) {
        description = core.description
        connection = core.connection
        self.channels = channels
        self.core = NIOLoopBound(core, eventLoop: PeerLoop.loop)
    }

    /// Takes the peer's answer, and begins to connect.
    ///
    /// - Throws: ``SessionDescriptionError`` for an answer that cannot be taken, ``PeerLinkError``.
    public func accept(answer: String) async throws {
        let result = try await PeerLoop.run { () throws(PeerLinkError) in
            Result { () throws in try self.core.value.accept(answer) }
        }
        try result.get()
    }

    /// Takes a candidate that came after the answer: `candidate:…`. What cannot be used is ignored.
    ///
    /// - Returns: Whether it is one that can be used.
    @discardableResult
    public func add(candidate: String) async -> Bool {
        let isUsable = try? await PeerLoop.run { () throws(PeerLinkError) in self.core.value.add(candidate) }
        return isUsable ?? false
    }
}
