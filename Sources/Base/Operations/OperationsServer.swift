import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP server for questions without a body: GET and HEAD, a few connections, each for a while.
///
/// Whoever opens connections and asks nothing keeps nobody else out: at the limit the one that has waited longest for a
/// question gives way to one that comes.
final class OperationsServer: Sendable {
    /// The most connections at once; further ones are closed where each of these is being answered.
    static let mostConnections = 16
    /// A connection that has not asked a whole question for so long, since its beginning or the last answer, is closed.
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
                guard admit(channel) else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    let seat = ObjectIdentifier(channel)
                    try pipeline.addHandler(
                        OperationsHandler(answer: answer) { [self] isAsking in
                            seats.withLock { $0.note(seat, isAsking: isAsking) }
                        })
                }
            }
            .bind(host: place.host, port: place.port).get()
        listener.withLock { $0 = channel }
    }

    func close() async {
        try? await listener.withLock(\.self)?.close().get()
        for channel in seats.withLock(\.all) { try? await channel.close().get() }
    }

    private func admit(_ channel: any Channel) -> Bool {
        let seat = ObjectIdentifier(channel)
        let (isAdmitted, evicted) = seats.withLock { $0.admit(seat, channel) }
        evicted?.close(promise: nil)
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { [self] _ in seats.withLock { $0.leave(seat) } }
        return true
    }
}

/// Answers one question after the other.
private final class OperationsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (String) async -> OperationsAnswer
    /// Told whether a question is being answered.
    private let note: @Sendable (Bool) -> Void
    private var head: HTTPRequestHead?
    private var deadline: Scheduled<Void>?

    init(
        answer: @escaping @Sendable (String) async -> OperationsAnswer, note: @escaping @Sendable (Bool) -> Void
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
            guard let head else { return }
            self.head = nil
            note(true)
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
        isWritten.futureResult.assumeIsolated().whenSuccess {
            self.note(false)
            self.closeAfter(OperationsServer.questionLimit, context)
        }
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
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: isWritten)
        if !request.isKeepAlive { isWritten.futureResult.whenComplete { _ in channel.close(promise: nil) } }
    }
}
