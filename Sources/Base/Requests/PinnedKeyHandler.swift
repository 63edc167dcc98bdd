import NIOCore
import NIOSSL
import NIOTLS

/// Holds back what is to be sent until the handshake is over and the server's key is one of the pins; ends the connection
/// where it is not. Stands behind the TLS handler.
final class PinnedKeyHandler: ChannelDuplexHandler {
    typealias InboundIn = NIOAny
    typealias OutboundIn = NIOAny

    private let settings: TLSSettings
    private var isVerified = false
    /// A few at most: nobody has answered yet.
    private var held: [(NIOAny, EventLoopPromise<Void>?)] = []

    init(settings: TLSSettings) {
        self.settings = settings
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isVerified { context.write(data, promise: promise) } else { held.append((data, promise)) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(TLSUserEvent.handshakeCompleted) = event as? TLSUserEvent {
            do {
                try settings.checkKey(try context.channel.pipeline.syncOperations.nioSSL_peerCertificate())
                isVerified = true
                for (data, promise) in held { context.write(data, promise: promise) }
                held = []
                context.flush()
            } catch {
                context.fireErrorCaught(error)
                context.close(promise: nil)
                return
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isVerified { context.fireChannelRead(data) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        for (_, promise) in held { promise?.fail(ChannelError.ioOnClosedChannel) }
        held = []
        context.fireChannelInactive()
    }
}
