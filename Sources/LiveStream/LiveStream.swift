import Channels
import Foundation
import Logging
import NIOCore
import PeerLink
import WebSocketClient

/// A device that streams to browsers: directly where a way is found, else through the hub (docs/live.md).
///
/// The shell around ``LiveDevice``, which decides everything.
public actor LiveStream {
    /// What a watcher or controller is told of one that watches.
    public struct Client: Equatable, Sendable {
        public var id: String
        public var state: RemoteClient.State
        /// How many samples it was sent, and how many were given up because it is slow.
        public var sent: Int
        public var skipped: Int
    }

    /// How often what goes through the hub is sent: fewer messages with more in each.
    private static let relayInterval = Duration.milliseconds(20)

    private let place: LivePlace
    private let host: PeerHost
    private let group: any EventLoopGroup
    private let describe: @Sendable () -> LiveDescription
    private let onControl: @Sendable (ControlRequest, [Client]) -> ControlReport?
    private let logger: Logger
    /// How it stands with the hub, from its first attempt on; the newest few where nobody reads them.
    public nonisolated let phases: AsyncStream<SignallingPhase>
    private nonisolated let tellPhase: AsyncStream<SignallingPhase>.Continuation
    private nonisolated let viewers = Viewers()
    private nonisolated let events: AsyncStream<LiveDevice.Input>
    private nonisolated let feedLater: AsyncStream<LiveDevice.Input>.Continuation
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var device: LiveDevice
    private var link: WebSocketLink?
    private var connections: [String: PeerConnection] = [:]
    private var timer: Task<Void, any Error>?
    private var relaying: Task<Void, any Error>?
    private var isFailing = false
    private var isStopped = false

    /// - Parameters:
    ///   - host: May be that of other streams too.
    ///   - describe: What watchers are told of the stream; called on any thread.
    ///   - onControl: What a controller is answered; nil where the device is not to be controlled.
    public init(
        place: LivePlace, host: PeerHost, group: any EventLoopGroup, logger: Logger,
        describe: @escaping @Sendable () -> LiveDescription,
        onControl: @escaping @Sendable (ControlRequest, [Client]) -> ControlReport? = { _, _ in nil }
    ) {
        self.place = place
        self.host = host
        self.group = group
        self.describe = describe
        self.onControl = onControl
        self.logger = logger
        start = clock.now
        device = LiveDevice { Double.random(in: 0...1) }
        (events, feedLater) = AsyncStream.makeStream()
        (phases, tellPhase) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(8))
    }

    /// Streams until ``stop()``, or until its task is cancelled; then all connections are closed.
    public func run() async {
        guard !isStopped else { return }
        feed(.start)
        for await event in events { feed(event) }
        stop()
    }

    /// Closes all connections; ``run()`` returns, also where it is called later.
    public func stop() {
        isStopped = true
        feed(.stop)
        feedLater.finish()
        timer?.cancel()
        relaying?.cancel()
    }

    /// Sends a sample to everybody who watches. Waits for nobody: a slow viewer misses the oldest.
    public nonisolated func send(_ sample: LiveSample) {
        viewers.send(sample)
    }

    /// Who watches, in the order in which they came, with those that have just left.
    public var clients: [Client] {
        device.clients.map { client in
            let counts = viewers.counts(of: client.id)
            return Client(id: client.id, state: client.state, sent: counts.sent, skipped: counts.skipped)
        }
    }

    private nonisolated var now: Duration { clock.now - start }

    private func feed(_ input: LiveDevice.Input) {
        for action in device.on(input, at: now) { perform(action) }
    }

    private func perform(_ action: LiveDevice.Action) {
        switch action {
        case .connect: connect()
        case .disconnect:
            link?.close()
            link = nil
        case .send(let text): link?.post(text)
        case .answer(let client, let attempt, let offer): answer(offer, of: client, attempt)
        case .hangUp(let client):
            viewers.remove(client)
            connections.removeValue(forKey: client)?.close()
        case .relayed(let client, let payload):
            guard case .ping(let at)? = WatcherMessage(payload) else { return }
            link?.post(SignallingMessage.relay(pong(at), to: client))
        case .control(let source, let payload):
            guard let request = ControlRequest(payload), let report = onControl(request, clients) else { return }
            link?.post(SignallingMessage.control(report.payload, to: source))
        case .phase(let phase):
            tell(phase)
            tellPhase.yield(phase)
        case .clientsChanged:
            viewers.adopt(device.clients)
            relayWhereNeeded()
        case .wake(let moment):
            timer?.cancel()
            let deadline = start + moment
            timer = Task {
                try await clock.sleep(until: deadline)
                feed(.wake)
            }
        }
    }

    // MARK: The hub

    private func connect() {
        let link = WebSocketLink(endpoint: place.endpoint, group: group)
        self.link = link
        let path = place.path
        Task {
            await link.run(path: path) { event in await self.take(event, of: link) }
        }
    }

    /// What a link says that was left meanwhile is not heard.
    private func take(_ event: WebSocketLink.Event, of link: WebSocketLink) {
        guard link === self.link else { return }
        switch event {
        case .opened: feed(.connected)
        case .received(let text): feed(.received(text))
        case .failed(let why):
            self.link = nil
            feed(.lost(why: why))
        case .closed:
            self.link = nil
            feed(.lost(why: "the connection was closed"))
        }
    }

    /// What is tried again and again is told once.
    private func tell(_ phase: SignallingPhase) {
        switch phase {
        case .connecting, .stopped: break
        case .open:
            isFailing = false
            logger.info("live.open", metadata: ["device": "\(place.device)"])
        case .waiting(let why, let again), .refused(let why, let again):
            logger.log(
                level: isFailing ? .debug : .warning, "live.lost",
                metadata: [
                    "device": "\(place.device)", "why": "\(why)", "again-in": "\(Int(again / .milliseconds(1)))ms",
                ])
            isFailing = true
        }
    }

    /// Goes on for as long as somebody gets the stream through the hub.
    private func relayWhereNeeded() {
        guard relaying == nil, viewers.hasRelayed else { return }
        relaying = Task {
            while viewers.hasRelayed {
                try await clock.sleep(for: Self.relayInterval)
                viewers.relay { link?.post(SignallingMessage.relay($0)) ?? false }
            }
            relaying = nil
        }
    }

    // MARK: Connections

    private func answer(_ offer: SignallingMessage.Offer, of client: String, _ attempt: Int) {
        let handlers = handlers(of: client, attempt)
        Task {
            do {
                let (answer, connection) = try await host.answer(offer: offer.description, handlers: handlers)
                // It may have been given up meanwhile.
                guard device.clients.contains(where: { $0.id == client && $0.attempt == attempt }) else {
                    connection.close()
                    return
                }
                connections[client] = connection
                feed(
                    .answered(client: client, attempt: attempt, description: answer, connection: offer.connection))
            } catch {
                logger.info("live.offer-refused", metadata: ["device": "\(place.device)", "why": "\(error)"])
                feed(.notAnswered(client: client, attempt: attempt))
            }
        }
    }

    /// Called on the peers' event loop.
    private nonisolated func handlers(of client: String, _ attempt: Int) -> PeerHandlers {
        var handlers = PeerHandlers()
        handlers.onState = { [feedLater] state in
            if case .closed = state { feedLater.yield(.connectionClosed(client: client, attempt: attempt)) }
        }
        handlers.onChannel = { [weak self] channel in self?.open(channel, of: client, attempt) }
        return handlers
    }

    /// The first channel is the one that streams; another one is of no use.
    private nonisolated func open(_ channel: DataChannel, of client: String, _ attempt: Int) {
        guard viewers.add(channel, client: client, attempt: attempt, at: now) else {
            channel.close()
            return
        }
        channel.onMessage { [weak self, weak channel] message in
            guard let self, let channel else { return }
            self.hear(message, on: channel, of: client, attempt)
        }
        channel.onState { [feedLater, viewers] state in
            switch state {
            case .open: feedLater.yield(.channelOpened(client: client, attempt: attempt))
            case .closed:
                viewers.remove(client, attempt: attempt)
                feedLater.yield(.connectionClosed(client: client, attempt: attempt))
            case .connecting, .closing: break
            }
        }
    }

    private nonisolated func hear(_ message: ChannelMessage, on channel: DataChannel, of client: String, _ attempt: Int)
    {
        if viewers.hear(client, attempt: attempt, at: now) { feedLater.yield(.heard(client: client, attempt: attempt)) }
        guard case .ping(let at)? = WatcherMessage(message) else { return }
        channel.send(.text(pong(at).text))
    }

    private nonisolated func pong(_ at: JSONValue) -> JSONValue {
        WatcherMessage.pong(at: at, describe(), now: Date().liveMilliseconds)
    }
}
