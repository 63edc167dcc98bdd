import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP server for questions without a body: GET and HEAD, a few connections, each for one question.
///
/// Whoever opens connections and asks nothing, or reads no answer, keeps nobody else out: at the limit one of them gives way to one
/// that comes.
final class OperationsServer: Sendable {
    /// The most connections at once.
    static let mostConnections = 16
    /// A connection that has not asked a whole question for so long is closed.
    static let questionLimit = TimeAmount.seconds(5)
    /// A connection is closed so long after its question, if its answer has not gone out by then.
    static let answerLimit = TimeAmount.seconds(30)

    private let group: any EventLoopGroup
    private let answer: @Sendable (String) async -> OperationsAnswer
    private let seats = Mutex(OperationsSeats<any Channel>(limit: mostConnections))
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
                admit(channel)
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    let seat = ObjectIdentifier(channel)
                    try pipeline.addHandler(
                        OperationsHandler(answer: answer) { [self] in seats.withLock { $0.noteQuestion(seat) } })
                }
            }
            .bind(host: place.host, port: place.port).get()
        listener.withLock { $0 = channel }
    }

    func close() async {
        try? await listener.withLock(\.self)?.close().get()
        for channel in seats.withLock(\.all) { try? await channel.close().get() }
    }

    private func admit(_ channel: any Channel) {
        let seat = ObjectIdentifier(channel)
        seats.withLock { $0.admit(seat, channel) }?.close(promise: nil)
        channel.closeFuture.whenComplete { [self] _ in seats.withLock { $0.leave(seat) } }
    }
}

/// Answers one question, and ends the connection then: what else a peer sends would pile up answers that it need not read.
private final class OperationsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (String) async -> OperationsAnswer
    /// Told when the question is there.
    private let note: @Sendable () -> Void
    private var head: HTTPRequestHead?
    private var isAsked = false
    private var deadline: Scheduled<Void>?

    init(
        answer: @escaping @Sendable (String) async -> OperationsAnswer, note: @escaping @Sendable () -> Void
    ) {
        self.answer = answer
        self.note = note
    }

    func channelActive(context: ChannelHandlerContext) {
        closeAfter(OperationsServer.questionLimit, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    private func closeAfter(_ limit: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head, !isAsked else { return }
            isAsked = true
            note()
            closeAfter(OperationsServer.answerLimit, context)
            respond(to: head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func respond(to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let channel = context.channel
        let isWritten = channel.eventLoop.makePromise(of: Void.self)
        isWritten.futureResult.whenComplete { _ in channel.close(promise: nil) }
        guard request.method == .GET || request.method == .HEAD else {
            let refusal = OperationsAnswer(status: 405, type: "text/plain; charset=utf-8", body: "only GET and HEAD\n")
            return Self.write(refusal, to: request, channel, isWritten)
        }
        let path = String(request.uri.prefix { $0 != "?" })
        let answer = answer
        Task { @Sendable in
            let found = await answer(path)
            Self.write(found, to: request, channel, isWritten)
        }
    }

    private static func write(
        _ answer: OperationsAnswer, to request: HTTPRequestHead, _ channel: any Channel,
        _ isWritten: EventLoopPromise<Void>
    ) {
        let headers: HTTPHeaders = [
            "Content-Type": answer.type, "Content-Length": "\(answer.body.utf8.count)", "Cache-Control": "no-store",
            "Connection": "close",
        ]
        let head = HTTPResponseHead(
            version: request.version, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if request.method != .HEAD {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: answer.body))), promise: nil)
        }
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: isWritten)
    }
}
