import NIOCore
import NIOHTTP1

/// One connection to a plain HTTP server, with one request at a time; lives on its event loop alone.
final class PlainConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// A request that waits for the end of its answer.
    private struct Exchange {
        var request: PlainRequest
        var deadline: NIODeadline
        var head: HTTPResponseHead?
        var body = ByteBuffer()
        /// Whether the answer has come to its end, and whatever was read with it has not been looked at.
        var isComplete = false
    }

    /// What has become of a connection whose exchange is over.
    enum End {
        case usable
        case gone
    }

    private let authority: String
    private let answerLimit: Int
    /// The connection has no exchange any more, or is gone: the exchange's request and how it ended, where there was one.
    private let ended: (PlainConnection, End, (PlainRequest, Result<PlainAnswer, PlainFailure>)?) -> Void
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    private var isOver = false
    /// How many exchanges have ended well.
    private(set) var exchanges = 0
    /// When the last exchange has ended, or it was made.
    private(set) var idleSince = NIODeadline.now()

    init(
        authority: String, answerLimit: Int,
        ended: @escaping (PlainConnection, End, (PlainRequest, Result<PlainAnswer, PlainFailure>)?) -> Void
    ) {
        self.authority = authority
        self.answerLimit = answerLimit
        self.ended = ended
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    /// Also of a connection that was never made, whose end nobody tells.
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Only while nothing is under way.
    func send(_ request: PlainRequest, deadline: NIODeadline) {
        guard let context else { preconditionFailure("a connection that is gone is given no request") }
        exchange = Exchange(request: request, deadline: deadline)
        var head = HTTPRequestHead(version: .http1_1, method: request.method, uri: request.target)
        head.headers = request.headers
        head.headers.add(name: "Host", value: authority)
        head.headers.add(name: "Content-Length", value: "0")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Gives up an exchange whose time is over.
    func look(at now: NIODeadline) {
        if let exchange, exchange.deadline <= now { fail(.tooSlow) }
    }

    func close() {
        fail(.closed)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let exchange, !exchange.isComplete else { return fail(.unreadable("bytes that nobody asked for")) }
        switch unwrapInboundIn(data) {
        case .head(let head): self.exchange?.head = head
        case .body(let bytes): take(bytes)
        case .end: self.exchange?.isComplete = true
        }
    }

    /// Only now is the connection free: what had come with the answer's end, or behind it, would be taken for the next one's.
    func channelReadComplete(context: ChannelHandlerContext) {
        if exchange?.isComplete == true { finish(isUsable: true) }
    }

    private func take(_ bytes: ByteBuffer) {
        guard let read = exchange?.body.readableBytes, read + bytes.readableBytes <= answerLimit else {
            return finish(isUsable: false)
        }
        exchange?.body.writeImmutableBuffer(bytes)
    }

    /// The status has come: it alone says what became of the request.
    private func finish(isUsable: Bool) {
        guard let exchange, let head = exchange.head else { return }
        self.exchange = nil
        let body = exchange.isComplete ? exchange.body : ByteBuffer()
        let answer = PlainAnswer(status: head.status, headers: head.headers, body: body)
        let staysOpen = isUsable && head.isKeepAlive && head.status != .switchingProtocols
        exchanges += 1
        idleSince = .now()
        if !staysOpen { leave() }
        ended(self, staysOpen ? .usable : .gone, (exchange.request, .success(answer)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.invalidEOFState: fail(.connectionEnded(hasBegun: true))
        case is HTTPParserError, is PlausibleStatus.Implausible: fail(.unreadable("\(error)"))
        // The end of the connection; it tells of itself.
        default: context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.connectionEnded(hasBegun: false))
    }

    private func fail(_ failure: PlainFailure) {
        guard !isOver else { return }
        guard exchange?.head == nil else { return finish(isUsable: false) }
        leave()
        let request = exchange?.request
        exchange = nil
        ended(self, .gone, request.map { ($0, .failure(failure)) })
    }

    private func leave() {
        isOver = true
        context?.close(promise: nil)
        context = nil
    }
}
