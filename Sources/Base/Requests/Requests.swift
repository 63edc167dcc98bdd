import Channels
import CoreMetrics
import Logging
import NIOCore
import ServiceLifecycle
import Settings
import UnitProtocol
import WebSocketClient

/// The base's ear at the broker: keeps one connection for ever and hands requests to the units.
///
/// The shell around ``ChannelsClient``, which decides everything.
actor Requests: Service {
    private var client: ChannelsClient
    private let settings: PusherSettings
    private let group: any EventLoopGroup
    private let webhook: WebhookClient
    private let send: @Sendable (Command, IPv4Address, @escaping @Sendable (CommandResult) -> Void) -> Void
    private nonisolated let reports: RequestReports
    private let logger: Logger
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var link: WebSocketLink?
    private var timer: Task<Void, any Error>?
    private var isFailing = false
    private var underWay = 0
    private var counted = RequestStatistics()
    private var standing: BrokerStanding
    private nonisolated let stopwatch: any TimerHandler

    /// The most requests at work at once, over all units; more are refused.
    static let underWayLimit = 10_000

    /// - Parameter send: Hands a command to its unit; calls back once, on any thread.
    init(
        settings: PusherSettings, group: any EventLoopGroup, webhook: WebhookClient, reports: RequestReports,
        send: @escaping @Sendable (Command, IPv4Address, @escaping @Sendable (CommandResult) -> Void) -> Void,
        stopwatch: any TimerHandler, version: String, logger: Logger
    ) throws {
        self.stopwatch = stopwatch
        standing = BrokerStanding(wanted: settings.encryption.channels, since: OutboxClock.system.monotonic())
        self.settings = settings
        self.group = group
        self.webhook = webhook
        self.send = send
        self.reports = reports
        self.logger = logger
        start = clock.now
        client = ChannelsClient(
            key: settings.appKey, clientName: "iot-base", clientVersion: version,
            channels: try settings.encryption.channels.map { try ChannelName($0) },
            limits: JSONLimits(maximumBytes: WebSocketLink.messageLimit), random: { Double.random(in: 0...1) })
    }

    func run() async throws {
        feed(.start)
        try? await gracefulShutdown()
        feed(.stop)
        timer?.cancel()
    }

    /// What has become of requests until now.
    func statistics() -> RequestStatistics {
        var now = counted
        (now.reported, now.unreported) = reports.counts
        return now
    }

    /// How requests fare.
    func status() -> StatusReport.Requests {
        StatusReport.Requests(statistics(), standing, at: OutboxClock.system.monotonic())
    }

    private func feed(_ input: ChannelsClient.Input) {
        for action in client.on(input, at: clock.now - start) {
            perform(action)
        }
    }

    private func perform(_ action: ChannelsClient.Action) {
        switch action {
        case .connect(let path): connect(path)
        case .send(let text): send(text)
        case .disconnect:
            link?.close()
            link = nil
        case .authorize(let channel, let socketID): authorize(channel, socketID)
        case .deliver(let message): take(message)
        case .connected(let socketID): logger.debug("broker.connected", metadata: ["socket_id": "\(socketID)"])
        case .disconnected(let reason, let retryIn):
            standing.lost(reason, at: OutboxClock.system.monotonic())
            logger.log(
                level: isFailing ? .debug : .warning, "broker.lost",
                metadata: ["why": "\(reason)", "again-in": "\(retryIn.settingsText)"])
            isFailing = true
        case .subscribed(let channel):
            standing.subscribed(channel.text)
            isFailing = false
            logger.notice("requests.subscribed", metadata: ["channel": "\(channel)"])
        case .subscriptionFailed(let channel, let reason, let retryIn):
            standing.refused(channel.text, reason, at: OutboxClock.system.monotonic())
            logger.warning(
                "requests.refused",
                metadata: ["channel": "\(channel)", "why": "\(reason)", "again-in": "\(retryIn.settingsText)"])
        case .unreadable(let channel, let count, let reason):
            refuse(.unreadable, reason, count: count, ["channel": "\(channel)"])
        case .stray(let message): takeStray(message)
        case .noted(let words): logger.debug("broker.noted", metadata: ["what": "\(words.prefix(300))"])
        case .wake(let moment): schedule(moment)
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

    private func connect(_ path: String) {
        let link = WebSocketLink(endpoint: WebSocketEndpoint(settings), group: group)
        self.link = link
        Task {
            await link.run(path: path) { event in await self.take(event, of: link) }
        }
    }

    /// What a link says that was left meanwhile is not heard.
    private func take(_ event: WebSocketLink.Event, of link: WebSocketLink) {
        guard link === self.link else { return }
        switch event {
        case .opened: feed(.opened)
        case .received(let text): feed(.received(text))
        case .failed(let reason):
            self.link = nil
            feed(.connectFailed(reason: reason))
        case .closed(let code):
            self.link = nil
            feed(.closed(code.map(CloseCode.init)))
        }
    }

    private func send(_ text: String) {
        guard let link else { return }
        // The client sends one frame at a time and waits for its answer, so frames do not overtake one another.
        Task { await link.send(text) }
    }

    private func authorize(_ channel: ChannelName, _ socketID: SocketID) {
        Task {
            do {
                let answer = try await webhook.authorization(
                    channel: channel.text, socketID: socketID.description, path: settings.authPath)
                let authorization = ChannelAuthorization(
                    auth: answer.auth, channelData: answer.channelData,
                    sharedSecret: answer.sharedSecret.flatMap(SharedSecret.init(base64:)))
                feed(.authorized(channel, socketID, authorization))
            } catch {
                feed(.authorizationFailed(channel, socketID, reason: "\(error)"))
            }
        }
    }

    /// A broker that still sends in clear what must be encrypted is told of; anything else is noise.
    private func takeStray(_ message: ChannelsMessage) {
        if settings.encryption == .required, message.channel == RequestEncryption.plainChannel {
            refuse(.notEncrypted, "it is not encrypted, and pusher.encryption is required")
        } else {
            let event = message.event.prefix(100)
            logger.debug("broker.noted", metadata: ["what": "an event of no channel that is subscribed: \(event)"])
        }
    }

    private func take(_ message: ChannelsMessage) {
        guard message.event == UnitRequest.event else { return }
        let arrival = clock.now
        let data = message.payload
        let request: UnitRequest
        do {
            request = try UnitRequest(data)
        } catch {
            refuse(.malformed, "\(error)", from: UnitRequest.sender(of: data))
            return
        }
        guard underWay < Self.underWayLimit else {
            let reason = "\(Self.underWayLimit) requests are under way"
            refuse(.tooMany, reason, from: UnitRequest.sender(of: data))
            return
        }
        underWay += 1
        send(request.command, request.address) { [reports, clock] result in
            let took = clock.now - arrival
            if let id = request.id, result != .failed(.elsewhere) {
                reports.add(RequestReport(id: id, request.address, result, took))
            }
            Task { await self.finish(request, result, took) }
        }
    }

    private func finish(_ request: UnitRequest, _ result: CommandResult, _ took: Duration) {
        underWay -= 1
        counted.count(result, took: took)
        if result == .acknowledged { stopwatch.recordNanoseconds(Int64(took.inSeconds * 1e9)) }
        switch result {
        case .acknowledged:
            logger.info("command.acknowledged", metadata: ["unit": "\(request.address)"])
        case .failed(.elsewhere):
            logger.debug("request.ignored", metadata: ["unit": "\(request.address)", "why": "another base acts on it"])
        case .failed(let failure):
            logger.warning("command.failed", metadata: ["unit": "\(request.address)", "why": "\(failure)"])
        }
    }

    private func refuse(
        _ refusal: RequestStatistics.Refusal, _ reason: String, count: Int = 1,
        from sender: (id: RequestID, unit: IPv4Address)? = nil, _ more: Logger.Metadata = [:]
    ) {
        counted.count(refusal, count)
        var metadata = more
        metadata["why"] = "\(reason)"
        if count > 1 { metadata["count"] = "\(count)" }
        logger.warning("request.refused", metadata: metadata)
        guard let sender else { return }
        reports.add(
            RequestReport(id: sender.id, unit: sender.unit, outcome: .refused, reason: reason, took: .zero))
    }
}
