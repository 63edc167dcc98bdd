import NIOConcurrencyHelpers
import NIOCore

/// Answers offers: one UDP port, many peers (ICE lite). To be used from any thread.
public final class PeerHost: Sendable {
    private let core: NIOLoopBound<PeerHostCore>
    /// The socket's address and port.
    public let local: PeerAddress

    /// Opens the port and makes a certificate; both stay until ``close()``.
    ///
    /// Where a STUN server is named, its answer is awaited for up to 2 s; without one the host is there all the same.
    public static func start(_ configuration: PeerConfiguration = PeerConfiguration()) async throws(PeerLinkError)
        -> PeerHost
    {
        let host = try await DatagramPort.using(configuration) { port, server throws(PeerLinkError) in
            try await PeerLoop.run { () throws(PeerLinkError) in
                try PeerHost(PeerHostCore(configuration, port: port.value, stunServer: server))
            }
        }
        if configuration.stunServer != nil { await host.awaitReflexiveAddress() }
        return host
    }

    private init(_ core: PeerHostCore) {
        self.core = NIOLoopBound(core, eventLoop: PeerLoop.loop)
        local = core.port.local
    }

    private func awaitReflexiveAddress() async {
        await withCheckedContinuation { continuation in
            PeerLoop.loop.execute { self.core.value.whenGathered { continuation.resume() } }
        }
    }

    /// Answers an offer. The connection is made when the peer has got the answer.
    ///
    /// - Throws: ``SessionDescriptionError`` for an offer that cannot be taken, ``PeerLinkError`` where a limit is reached.
    public func answer(
        offer: String, handlers: PeerHandlers = PeerHandlers()
    ) async throws -> (answer: String, connection: PeerConnection) {
        let result = try await PeerLoop.run { () throws(PeerLinkError) in
            Result { () throws -> (String, PeerConnection) in try self.core.value.answer(offer, handlers) }
        }
        return try result.get()
    }

    public func statistics() async -> HostStatistics {
        let statistics = try? await PeerLoop.run { () throws(PeerLinkError) in self.core.value.currentStatistics }
        return statistics ?? HostStatistics()
    }

    /// Closes all connections and the port.
    public func close() async {
        await withCheckedContinuation { continuation in
            PeerLoop.loop.execute { self.core.value.close().whenComplete { _ in continuation.resume() } }
        }
    }
}
