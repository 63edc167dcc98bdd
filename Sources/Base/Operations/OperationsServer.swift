import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP server for questions without a body: GET and HEAD, a few connections, each for a while.
final class OperationsServer: Sendable {
    /// The most connections at once; further ones are closed.
    static let mostConnections = 16
    /// A connection on which nothing happens for so long is closed.
    static let idleLimit = TimeAmount.seconds(30)

    private let group: any EventLoopGroup
    private let answer: @Sendable (String) async -> OperationsAnswer
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let listener = Mutex<(any Channel)?>(nil)

    /// - Parameter answer: Gets the path without its query.
    init(group: any EventLoopGroup, answer: @escaping @Sendable (String) async -> OperationsAnswer) {
        self.group = group
        self.answer = answer
    }

    func bind(to place: OperationsSettings.Place) async throws {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                guard admit(channel) else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(allTimeout: Self.idleLimit))
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(OperationsHandler(answer: answer))
                }
            }
            .bind(host: place.host, port: place.port).get()
        listener.withLock { $0 = channel }
    }

    func close() async {
        try? await listener.withLock(\.self)?.close().get()
        for channel in open.withLock({ Array($0.values) }) { try? await channel.close().get() }
    }

    private func admit(_ channel: any Channel) -> Bool {
        let isAdmitted = open.withLock { open in
            guard open.count < Self.mostConnections else { return false }
            open[ObjectIdentifier(channel)] = channel
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { [self] _ in
            open.withLock { $0[ObjectIdentifier(channel)] = nil }
        }
        return true
    }
}

/// Answers one question after the other.
private final class OperationsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (String) async -> OperationsAnswer
    private var head: HTTPRequestHead?

    init(answer: @escaping @Sendable (String) async -> OperationsAnswer) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            respond(to: head, context.channel)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func respond(to request: HTTPRequestHead, _ channel: any Channel) {
        guard request.method == .GET || request.method == .HEAD else {
            let refusal = OperationsAnswer(status: 405, type: "text/plain; charset=utf-8", body: "only GET and HEAD\n")
            return Self.write(refusal, to: request, channel)
        }
        let path = String(request.uri.prefix { $0 != "?" })
        let answer = answer
        Task { @Sendable in
            let found = await answer(path)
            Self.write(found, to: request, channel)
        }
    }

    private static func write(_ answer: OperationsAnswer, to request: HTTPRequestHead, _ channel: any Channel) {
        var headers: HTTPHeaders = [
            "Content-Type": answer.type, "Content-Length": "\(answer.body.utf8.count)", "Cache-Control": "no-store",
        ]
        if !request.isKeepAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: request.version, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if request.method != .HEAD {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: answer.body))), promise: nil)
        }
        let end = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if !request.isKeepAlive { end.whenComplete { _ in channel.close(promise: nil) } }
    }
}
