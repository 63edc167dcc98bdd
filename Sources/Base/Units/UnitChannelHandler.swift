import NIOCore
import WebSocketClient

/// Turns what happens on a unit's channel into events, on its event loop.
final class UnitChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    enum Event {
        case received([UInt8])
        case closed(String)
    }

    private let report: (Event) -> Void
    private var reason = "the unit closed the connection"

    init(report: @escaping (Event) -> Void) {
        self.report = report
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        report(.received(Array(unwrapInboundIn(data).readableBytesView)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = DialFailure.words(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        report(.closed(reason))
    }
}
