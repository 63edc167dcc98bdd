import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A small HTTP server on loopback: a few connections, each for one question of at most 64 KiB.
struct ControlServer: Service {
    private static let mostConnections = 16
    static let mostBytes = 64 * 1024
    /// A connection that has asked nothing by then is closed: there are few.
    static let longestSilence = TimeAmount.seconds(5)
    /// A connection is closed after so long, whatever it has asked.
    static let longest = TimeAmount.seconds(30)

    let control: FleetControl
    private let channel: any Channel

    /// Listens at once.
    ///
    /// - Parameter port: 0 takes a free one.
    /// - Throws: ``FleetError/noControl(port:reason:)``.
    init(port: Int, control: FleetControl) async throws {
        self.control = control
        let connections = ConnectionCount()
        do {
            channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    guard connections.number.add(1, ordering: .relaxed).newValue <= Self.mostConnections else {
                        connections.number.subtract(1, ordering: .relaxed)
                        return channel.eventLoop.makeFailedFuture(ChannelError.connectTimeout(.zero))
                    }
                    channel.closeFuture.whenComplete { _ in connections.number.subtract(1, ordering: .relaxed) }
                    return channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                        try pipeline.addHandler(ControlHandler(control: control))
                    }
                }
                .bind(host: "127.0.0.1", port: port).get()
        } catch {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw FleetError.noControl(port: port, reason: reason)
        }
    }

    var address: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    func run() async throws {
        try? await gracefulShutdown()
        try? await channel.close().get()
    }

    private final class ConnectionCount: Sendable {
        let number = Atomic(0)
    }
}

/// Answers one question and ends the connection then.
private final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let control: FleetControl
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var deadline: Scheduled<Void>?

    init(control: FleetControl) {
        self.control = control
    }

    func channelActive(context: ChannelHandlerContext) {
        close(context, in: ControlServer.longestSilence)
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { deadline?.cancel() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): if self.head == nil { self.head = head }
        case .body(var bytes):
            body.writeBuffer(&bytes)
            if body.readableBytes > ControlServer.mostBytes { context.close(promise: nil) }
        case .end:
            guard let head else { return }
            close(context, in: ControlServer.longest)
            let question = ControlQuestion(
                method: head.method.rawValue, path: String(head.uri.prefix { $0 != "?" }),
                authorization: head.headers.first(name: "authorization"), body: String(buffer: body))
            let (channel, control) = (context.channel, control)
            Task { @Sendable in Self.write(await control.answer(question), to: head, channel) }
        }
    }

    private static func write(_ answer: ControlAnswer, to request: HTTPRequestHead, _ channel: any Channel) {
        let headers: HTTPHeaders = [
            "Content-Type": answer.type, "Content-Length": "\(answer.body.utf8.count)", "Cache-Control": "no-store",
            "Connection": "close",
        ]
        let head = HTTPResponseHead(
            version: request.version, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: answer.body))), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
    }
}
