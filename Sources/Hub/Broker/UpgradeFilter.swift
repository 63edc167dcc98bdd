import NIOCore
import NIOHTTP1

/// Takes offers of other protocols than WebSocket (`Upgrade: h2c`, which Java's client and curl send) out of the first
/// request of a connection, then leaves: what comes after it may be a WebSocket's frames.
///
/// A server may ignore them (RFC 9110, section 7.8); NIO's upgrade handler would lose the request's head instead.
final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        defer { context.pipeline.syncOperations.removeHandler(context: context, promise: nil) }
        guard case .head(var head) = unwrapInboundIn(data), head.headers.contains(name: "Upgrade"),
            !head.headers[canonicalForm: "Upgrade"].contains(where: { $0.lowercased() == "websocket" })
        else {
            context.fireChannelRead(data)
            return
        }
        let connection = head.headers[canonicalForm: "Connection"].filter { $0.lowercased() != "upgrade" }
        head.headers.remove(name: "Upgrade")
        head.headers.remove(name: "Connection")
        for option in connection { head.headers.add(name: "Connection", value: String(option)) }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}
