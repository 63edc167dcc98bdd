import NIOCore
import NIOHTTP1

/// Lets the first request of a connection pass to NIO's upgrade handler as something that it can handle, then leaves:
/// what comes after it may be a WebSocket's frames.
///
/// Only a whole WebSocket handshake (RFC 6455, section 4.2.1) keeps its offer to upgrade. Any other offer is taken out, as
/// a server may ignore it (RFC 9110, section 7.8): `Upgrade: h2c`, which Java's client and curl send, and handshakes that
/// lack something. NIO would lose such a request's head. What is no HTTP at all is answered with 400, as nobody after this
/// handler hears of it.
final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        defer { context.pipeline.syncOperations.removeHandler(context: context, promise: nil) }
        guard case .head(let head) = unwrapInboundIn(data), head.headers.contains(name: "Upgrade"),
            !Self.isHandshake(head)
        else {
            context.fireChannelRead(data)
            return
        }
        context.fireChannelRead(wrapInboundOut(.head(Self.withoutOffer(head))))
    }

    /// The hub stops, and nothing was asked here: else it would wait for that first request.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        let headers: HTTPHeaders = ["Connection": "close", "Content-Length": "0"]
        context.write(
            wrapOutboundOut(.head(.init(version: .http1_1, status: .badRequest, headers: headers))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    private static func isHandshake(_ head: HTTPRequestHead) -> Bool {
        func has(_ name: String, _ token: String) -> Bool {
            head.headers[canonicalForm: name].contains { $0.lowercased() == token }
        }
        return head.method == .GET && head.version == .http1_1 && has("Upgrade", "websocket")
            && has("Connection", "upgrade") && has("Sec-WebSocket-Version", "13")
            && head.headers["Sec-WebSocket-Key"].count == 1
            && head.headers["Content-Length"].allSatisfy { $0 == "0" }
            && !head.headers.contains(name: "Transfer-Encoding")
    }

    private static func withoutOffer(_ head: HTTPRequestHead) -> HTTPRequestHead {
        var head = head
        let connection = head.headers[canonicalForm: "Connection"].filter { $0.lowercased() != "upgrade" }
        head.headers.remove(name: "Upgrade")
        head.headers.remove(name: "Connection")
        for option in connection { head.headers.add(name: "Connection", value: String(option)) }
        return head
    }
}
