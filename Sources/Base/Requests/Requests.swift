import Channels
import Logging
import NIOCore
import ServiceLifecycle

/// The base's ear at the broker: keeps one connection for ever and hands requests to the units.
///
/// The shell around ``ChannelsClient``, which decides everything.
actor Requests: Service {
    private var client: ChannelsClient
    private let settings: PusherSettings
    private let group: any EventLoopGroup
    private let webhook: WebhookClient
    private let units: Units
    private let logger: Logger
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var link: WebSocketLink?
    private var timer: Task<Void, any Error>?
    private var isFailing = false
    private var underWay = 0

    /// The most requests at work at once, over all units; more are refused.
    static let underWayLimit = 10_000

    init(
        channels: [ChannelName], settings: PusherSettings, group: any EventLoopGroup, webhook: WebhookClient,
        units: Units, version: String, logger: Logger
    ) {
        self.settings = settings
        self.group = group
        self.webhook = webhook
        self.units = units
        self.logger = logger
        start = clock.now
        client = ChannelsClient(
            key: settings.appKey, clientName: "iot-base", clientVersion: version, channels: channels,
            limits: JSONLimits(maximumBytes: WebSocketLink.messageLimit), random: { Double.random(in: 0...1) })
    }

    func run() async throws {
        feed(.start)
        try? await gracefulShutdown()
        feed(.stop)
        timer?.cancel()
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
            logger.log(
                level: isFailing ? .debug : .warning, "broker.lost",
                metadata: ["why": "\(reason)", "again-in": "\(retryIn)"])
            isFailing = true
        case .subscribed(let channel):
            isFailing = false
            logger.notice("requests.subscribed", metadata: ["channel": "\(channel)"])
        case .subscriptionFailed(let channel, let reason, let retryIn):
            logger.warning(
                "requests.refused",
                metadata: ["channel": "\(channel)", "why": "\(reason)", "again-in": "\(retryIn)"])
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
        let link = WebSocketLink(settings: settings, group: group)
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
            feed(.closed(code))
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
                let authorization = ChannelAuthorization(auth: answer.auth, channelData: answer.channelData)
                feed(.authorized(channel, socketID, authorization))
            } catch {
                feed(.authorizationFailed(channel, socketID, reason: "\(error)"))
            }
        }
    }

    private func take(_ message: ChannelsMessage) {
        guard message.event == UnitRequest.event else { return }
        let request: UnitRequest
        do {
            request = try UnitRequest(message.payload)
        } catch {
            logger.warning("request.refused", metadata: ["why": "\(error)"])
            return
        }
        guard underWay < Self.underWayLimit else {
            logger.warning("request.refused", metadata: ["why": "\(Self.underWayLimit) requests are under way"])
            return
        }
        underWay += 1
        units.send(request.command, to: request.address) { result in
            Task { await self.finish(request, result) }
        }
    }

    private func finish(_ request: UnitRequest, _ result: CommandResult) {
        underWay -= 1
        switch result {
        case .acknowledged:
            logger.info("command.acknowledged", metadata: ["unit": "\(request.address)"])
        case .failed(let failure):
            logger.warning("command.failed", metadata: ["unit": "\(request.address)", "why": "\(failure)"])
        }
    }
}
