import NIOCore
import NIOHTTP1

/// Ends a connection whose peer answers with a status below 100, which no HTTP has and which the HTTP client cannot bear: it
/// ends the process.
final class PlausibleStatus: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    struct Implausible: Error, CustomStringConvertible {
        let code: UInt

        var description: String { "the answer's status is \(code), which HTTP does not have" }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), head.status.code < 100 {
            context.fireErrorCaught(Implausible(code: head.status.code))
            return context.close(promise: nil)
        }
        context.fireChannelRead(data)
    }

    /// Puts itself behind what reads the bytes of an HTTP/1 connection.
    static func guarding(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            let reader = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
            try pipeline.addHandler(PlausibleStatus(), position: .after(reader))
        }
    }
}
