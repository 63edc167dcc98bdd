import Channels
import Logging
import ServiceLifecycle

/// The hub's Pusher-compatible broker: owns the connections, and carries out what ``ChannelsServer`` decides.
actor Broker: Service, EventBroker {
    /// One thing to write to a connection.
    enum Outgoing: Sendable {
        case text(String)
        case close(CloseCode, String)
    }

    /// Frames that may wait for one connection; who reads more slowly than that is cut, and may come back.
    static let outgoingLimit = 1024
    /// Connections, those before their greeting included.
    static let connectionLimit = 10_000

    private var server: ChannelsServer
    private var outgoing: [SocketID: AsyncStream<Outgoing>.Continuation] = [:]
    private let webhooks: WebhookSender?
    private let logger: Logger
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var timer: Task<Void, any Error>?
    /// Channels of which the first subscriber came (true) or the last one left (false).
    nonisolated let occupancy: AsyncStream<(channel: ChannelName, isOccupied: Bool)>
    private let occupancyContinuation: AsyncStream<(channel: ChannelName, isOccupied: Bool)>.Continuation

    init(credentials: AppCredentials, webhooks: WebhookSender?, logger: Logger) {
        server = ChannelsServer(credentials: credentials, seed: .random(in: .min ... .max))
        self.webhooks = webhooks
        self.logger = logger
        start = clock.now
        (occupancy, occupancyContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(10_000))
    }

    /// Sends everybody away at the graceful shutdown.
    func run() async throws {
        try? await gracefulShutdown()
        feed(.stop)
        timer?.cancel()
        occupancyContinuation.finish()
    }

    // MARK: Connections

    /// Takes a new connection.
    ///
    /// - Returns: Its name, and what is to be written to it; nil when there are too many.
    func connect(protocolVersion: Int) -> (SocketID, AsyncStream<Outgoing>)? {
        guard outgoing.count < Self.connectionLimit else { return nil }
        let id = server.makeSocketID()
        let (stream, continuation) = AsyncStream.makeStream(
            of: Outgoing.self, bufferingPolicy: .bufferingOldest(Self.outgoingLimit))
        outgoing[id] = continuation
        feed(.connected(id, protocolVersion: protocolVersion))
        return (id, stream)
    }

    func receive(_ text: String, from id: SocketID) {
        feed(.received(id, text: text))
    }

    func disconnect(_ id: SocketID) {
        outgoing.removeValue(forKey: id)?.finish()
        feed(.disconnected(id))
    }

    // MARK: The hub and the HTTP API

    @discardableResult
    func publish(_ event: String, data: String, on channel: String) -> Int {
        guard let name = try? ChannelName(channel) else { return 0 }
        feed(.publish(event: event, data: data, channels: [name], except: nil))
        return server.info(name).subscriptionCount
    }

    func listeners(on channel: String) -> Int {
        (try? ChannelName(channel)).map { server.info($0).subscriptionCount } ?? 0
    }

    func publish(_ event: String, data: String, on channels: [ChannelName], except: SocketID?) {
        feed(.publish(event: event, data: data, channels: channels, except: except))
    }

    func terminateConnections(of user: String) {
        feed(.terminateUser(user))
    }

    func channels(prefix: String) -> [ChannelInfo] { server.channels(prefix: prefix) }
    func info(_ channel: ChannelName) -> ChannelInfo { server.info(channel) }
    func users(of channel: ChannelName) -> [String] { server.users(of: channel) }

    // MARK: Actions

    private func feed(_ input: ChannelsServer.Input) {
        var cut: [SocketID] = []
        for action in server.on(input, at: clock.now - start) {
            switch action {
            case .send(let id, let text):
                if case .dropped? = outgoing[id]?.yield(.text(text)) { cut.append(id) }
            case .close(let id, let code, let reason):
                logger.debug("broker.closed", metadata: ["socket_id": "\(id)", "code": "\(code)", "why": "\(reason)"])
                let continuation = outgoing.removeValue(forKey: id)
                continuation?.yield(.close(code, reason))
                continuation?.finish()
            case .webhook(let event):
                webhooks?.send(event)
            case .occupied(let channel):
                occupancyContinuation.yield((channel, true))
            case .vacated(let channel):
                occupancyContinuation.yield((channel, false))
            case .wake(let moment):
                schedule(moment)
            }
        }
        for id in Set(cut) {
            logger.warning("broker.slow-consumer", metadata: ["socket_id": "\(id)", "limit": "\(Self.outgoingLimit)"])
            disconnect(id)
        }
    }

    private func schedule(_ moment: Duration) {
        timer?.cancel()
        let deadline = start + moment
        timer = Task {
            try await clock.sleep(until: deadline)
            feed(.wake)
        }
    }
}
