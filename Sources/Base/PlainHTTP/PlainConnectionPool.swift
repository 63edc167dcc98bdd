import Collections
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import WebSocketClient

/// The connections to one plain HTTP server that live on one event loop. Each carries one request at a time, and is kept for
/// the next ones.
///
/// A request that has crossed the server's end of a kept connection, or bytes that belong to what was before, is sent again, once and
/// over a new connection, which RFC 9110 (section 9.2.2) allows for what is idempotent.
final class PlainConnectionPool: Sendable {
    /// Time-outs are looked after so often in their length.
    private static let looks = 10
    private static let headLimits: NIOHTTPDecoderLimitConfiguration = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 * 1024
        limits.maxHeaderListSize = 64 * 1024
        limits.maxHeaderFieldCount = 100
        return limits
    }()

    let loop: any EventLoop
    private let origin: PlainOrigin
    private let most: Int
    private let timeout: Duration
    private let answerLimit: Int
    private let idleLimit: TimeAmount
    /// What has come from other threads since the loop has last looked.
    private let inbox = Mutex<[PlainRequest]>([])
    private let box: NIOLoopBoundBox<State>

    private struct Waiting {
        var request: PlainRequest
        var deadline: NIODeadline
        var isResent = false
    }

    private struct State {
        /// Used last, last.
        var idle: [PlainConnection] = []
        /// With the deadline of their request, and whether it is sent a second time.
        var busy: [ObjectIdentifier: (connection: PlainConnection, waiting: Waiting)] = [:]
        /// Connections that are being made.
        var dialling = 0
        /// Requests for which there is no connection yet.
        var waiting: Deque<Waiting> = []
        var look: RepeatedTask?
        var isClosed = false

        var connections: Int { idle.count + busy.count + dialling }
    }

    /// - Parameters:
    ///   - most: Connections, and requests under way, at a time.
    ///   - timeout: From a request to the end of its answer; kept to a tenth of it.
    ///   - answerLimit: The most bytes of an answer's body.
    ///   - idleLimit: How long a connection is kept that nobody needs.
    init(
        origin: PlainOrigin, most: Int, timeout: Duration, answerLimit: Int, idleLimit: Duration, loop: any EventLoop
    ) {
        self.origin = origin
        self.most = most
        self.timeout = timeout
        self.answerLimit = answerLimit
        self.idleLimit = TimeAmount(idleLimit)
        self.loop = loop
        box = .makeBoxSendingValue(State(), eventLoop: loop)
    }

    /// From any thread. The request's end is called later, never from within this call.
    func send(_ request: PlainRequest) {
        if loop.inEventLoop { return begin(Waiting(request: request, deadline: .now() + TimeAmount(timeout))) }
        let isFirst = inbox.withLock { inbox in
            inbox.append(request)
            return inbox.count == 1
        }
        guard isFirst else { return }
        loop.execute { [self] in
            let requests = inbox.withLock { inbox in
                defer { inbox = [] }
                return inbox
            }
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            for request in requests { begin(Waiting(request: request, deadline: deadline)) }
        }
    }

    /// Gives up what is under way. What is sent from now on fails.
    func close() async {
        try? await loop.submit { [self] in
            state.isClosed = true
            state.look?.cancel()
            let connections = state.idle + state.busy.values.map(\.connection)
            for connection in connections { connection.close() }
            while let one = state.waiting.popFirst() { one.request.end(.failure(.closed)) }
        }.get()
    }

    // MARK: On the loop

    private var state: State {
        get { box.value }
        _modify { yield &box.value }
    }

    private func begin(_ one: Waiting) {
        guard !state.isClosed else { return failLater(one.request, .closed) }
        // Where one is sent again none is idle: they were closed with the one that it was sent over.
        if let connection = state.idle.popLast() { return send(one, over: connection) }
        guard state.busy.count + state.waiting.count < most else {
            return failLater(one.request, .tooMany)
        }
        // One that is sent again has waited longest.
        if one.isResent { state.waiting.prepend(one) } else { state.waiting.append(one) }
        if state.dialling < state.waiting.count { dial() }
        watch()
    }

    private func send(_ one: Waiting, over connection: PlainConnection) {
        state.busy[ObjectIdentifier(connection)] = (connection, one)
        connection.send(one.request, deadline: one.deadline)
    }

    private func ended(
        _ connection: PlainConnection, _ end: PlainConnection.End,
        _ exchange: (request: PlainRequest, result: Result<PlainAnswer, PlainFailure>)?
    ) {
        let sent = state.busy.removeValue(forKey: ObjectIdentifier(connection))?.waiting
        switch end {
        case .gone: state.idle.removeAll { $0 === connection }
        case .usable:
            // What is sent again is meant for a new one.
            if let place = state.waiting.firstIndex(where: { !$0.isResent || connection.exchanges == 0 }) {
                send(state.waiting.remove(at: place), over: connection)
            } else {
                state.idle.append(connection)
            }
        }
        guard let (request, result) = exchange else { return }
        guard case .failure(let failure) = result else { return request.end(result) }
        if connection.exchanges > 0 {
            // What has become of one that was kept has become of the others: a firewall has forgotten them, the server was moved.
            for other in state.idle { other.close() }
            if failure.isOfConnection, var sent, !sent.isResent, !state.isClosed {
                sent.isResent = true
                return begin(sent)
            }
        }
        failLater(request, failure)
    }

    private func dial() {
        state.dialling += 1
        let opening = ClientBootstrap(group: loop)
            .connectTimeout(min(TimeAmount(timeout), .seconds(10)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    // What a request's head is made of was looked at before: the token, and percent-encoded text.
                    try pipeline.addHTTPClientHandlers(
                        enableOutboundHeaderValidation: false, decoderLimitConfiguration: Self.headLimits)
                    try pipeline.addHandler(PlausibleStatus())
                    try pipeline.addHandler(
                        PlainConnection(authority: origin.authority, answerLimit: answerLimit) { [self] in
                            ended($0, $1, $2)
                        })
                }
            }
            .connect(host: origin.host, port: origin.port)
        opening.whenComplete { [self] in dialled($0) }
    }

    private func dialled(_ result: Result<any Channel, any Error>) {
        state.dialling -= 1
        do {
            let channel = try result.get()
            let connection = try channel.pipeline.syncOperations.handler(type: PlainConnection.self)
            guard !state.isClosed else { return connection.close() }
            ended(connection, .usable, nil)
        } catch {
            // One attempt is made for each that waits; its own may have an answer, or no time left, by now.
            guard state.waiting.count > state.dialling, let one = state.waiting.popFirst() else { return }
            let why = DialFailure.words(error)
            one.request.end(.failure(.noConnection(host: origin.host, port: origin.port, why: why)))
        }
    }

    /// Looks after time-outs, and connections that nobody needs any more, while there are any connections or requests.
    private func watch() {
        guard state.look == nil else { return }
        let interval = TimeAmount(max(.milliseconds(10), timeout / Self.looks))
        state.look = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [self] task in
            let now = NIODeadline.now()
            for busy in state.busy.values { busy.connection.look(at: now) }
            while let first = state.waiting.first, first.deadline <= now {
                state.waiting.removeFirst()
                first.request.end(.failure(.tooSlow))
            }
            for connection in state.idle where connection.idleSince + idleLimit <= now { connection.close() }
            if state.connections == 0, state.waiting.isEmpty {
                task.cancel()
                state.look = nil
            }
        }
    }

    /// Whoever sends one after the other because each fails at once would never end.
    private func failLater(_ request: PlainRequest, _ failure: PlainFailure) {
        loop.execute { request.end(.failure(failure)) }
    }
}
