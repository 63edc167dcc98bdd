import NIOConcurrencyHelpers
import NIOCore

/// Makes offers: full ICE, one UDP port a session, one certificate for all of them. To be used from any thread.
public final class PeerOfferer: Sendable {
    private let configuration: PeerConfiguration
    private let context: NIOLoopBound<DtlsContext>

    /// Makes a certificate. The configuration's port should be 0 where several sessions are wanted at a time.
    public static func make(
        _ configuration: PeerConfiguration = PeerConfiguration()
    ) async throws(PeerLinkError) -> PeerOfferer {
        try await PeerLoop.run { () throws(PeerLinkError) in
            do {
                return PeerOfferer(configuration, try DtlsContext())
            } catch {
                throw .library("\(error)")
            }
        }
    }

    private init(_ configuration: PeerConfiguration, _ context: DtlsContext) {
        self.configuration = configuration
        self.context = NIOLoopBound(context, eventLoop: PeerLoop.loop)
    }

    /// Begins a session. Where a STUN server is named, its answer is awaited for up to 2 s.
    ///
    /// - Parameter channels: Opened when the connection is there, in this order.
    public func offer(
        channels: [ChannelOptions] = [], handlers: PeerHandlers = PeerHandlers()
    ) async throws(PeerLinkError) -> PeerOffer {
        let core = try await DatagramPort.using(configuration) {
            [configuration, context] port, server throws(PeerLinkError) in
            try await PeerLoop.run { () throws(PeerLinkError) in
                NIOLoopBound(
                    try PeerOfferCore(
                        configuration, context: context.value, port: port.value, stunServer: server, handlers: handlers),
                    eventLoop: PeerLoop.loop)
            }
        }
        await withCheckedContinuation { continuation in
            PeerLoop.loop.execute { core.value.whenGathered { continuation.resume() } }
        }
        return try await PeerLoop.run { () throws(PeerLinkError) in
            let session = core.value.session
            do throws(PeerLinkError) {
                let opened = try channels.map { options throws(PeerLinkError) in
                    try session.open(options, onMessage: nil)
                }
                return PeerOffer(core.value, channels: opened)
            } catch {
                session.close(.local)
                throw error
            }
        }
    }
}
