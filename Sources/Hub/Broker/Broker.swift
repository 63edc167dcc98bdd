import Channels
import Logging
import ServiceLifecycle

/// The hub's Pusher-compatible broker: owns the connections, and carries out what ``ChannelsServer`` decides.
actor Broker: Service, EventBroker {
    /// How many connections are taken; more are closed with 4100, which tells a client to come again later.
    struct Limits: Sendable {
        var connections = 10_000
        /// From one address. Loopback is exempt: a reverse proxy brings all its clients from there.
        var connectionsOfAddress = 200
    }

    private struct Seat {
        var outbox: Outbox
        var address: String?
    }

    private var server: ChannelsServer
    private var seats: [SocketID: Seat] = [:]
    private var connectionsOfAddress: [String: Int] = [:]
    private let limits: Limits
    private let webhooks: WebhookSender?
    private let logger: Logger
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var timer: Task<Void, any Error>?
    /// Channels of which the first subscriber came (true) or the last one left (false).
    nonisolated let occupancy: AsyncStream<(channel: ChannelName, isOccupied: Bool)>
    private let occupancyContinuation: AsyncStream<(channel: ChannelName, isOccupied: Bool)>.Continuation

    init(credentials: AppCredentials, limits: Limits = Limits(), webhooks: WebhookSender?, logger: Logger) {
        server = ChannelsServer(credentials: credentials, seed: .random(in: .min ... .max))
        self.limits = limits
        self.webhooks = webhooks
        self.logger = logger
        start = clock.now
        (occupancy, occupancyContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(10_000))
    }

    /// Sends everybody away at the graceful shutdown.
    func run() async throws {
        try? await gracefulShutdown()
        stop()
    }

    func stop() {
        feed(.stop)
        timer?.cancel()
        occupancyContinuation.finish()
    }

    // MARK: Connections

    /// Takes a new connection.
    ///
    /// - Parameter address: Whom to count it for; nil for nobody.
    /// - Returns: Its name; nil when there are too many, and the outbox is closed with 4100 then.
    func connect(_ outbox: Outbox, protocolVersion: Int, from address: String?) -> SocketID? {
        let ofAddress = address.flatMap { connectionsOfAddress[$0] } ?? 0
        guard seats.count < limits.connections, ofAddress < limits.connectionsOfAddress else {
            logger.debug("broker.refused", metadata: ["address": "\(address ?? "loopback")", "open": "\(seats.count)"])
            outbox.refuse(.overCapacity, "too many connections", protocolVersion: protocolVersion)
            return nil
        }
        let id = server.makeSocketID()
        seats[id] = Seat(outbox: outbox, address: address)
        if let address { connectionsOfAddress[address] = ofAddress + 1 }
        feed(.connected(id, protocolVersion: protocolVersion))
        return id
    }

    func receive(_ text: String, from id: SocketID) {
        feed(.received(id, text: text))
    }

    func disconnect(_ id: SocketID) {
        leaveSeat(id)?.finish()
        feed(.disconnected(id))
    }

    // MARK: The hub and the HTTP API

    @discardableResult
    func publish(_ event: String, data: String, on channel: String) -> Int {
        guard let name = try? ChannelName(channel) else { return 0 }
        feed(.publish(event: event, data: data, channels: [name], except: nil))
        return server.info(name, at: now).subscriptionCount
    }

    func listeners(on channel: String) -> Int {
        (try? ChannelName(channel)).map { server.info($0, at: now).subscriptionCount } ?? 0
    }

    func publish(_ event: String, data: String, on channels: [ChannelName], except: SocketID?) {
        feed(.publish(event: event, data: data, channels: channels, except: except))
    }

    func terminateConnections(of user: String) {
        feed(.terminateUser(user))
    }

    func channels(prefix: String) -> [ChannelInfo] { server.channels(prefix: prefix, at: now) }
    func info(_ channel: ChannelName) -> ChannelInfo { server.info(channel, at: now) }
    func users(of channel: ChannelName) -> [String] { server.users(of: channel) }

    private var now: Duration { clock.now - start }

    // MARK: Actions

    private func feed(_ input: ChannelsServer.Input) {
        // Who is cut while an input is carried out leaves after it, not within it.
        var inputs = [input]
        while !inputs.isEmpty {
            for action in server.on(inputs.removeFirst(), at: now) {
                if let cut = carryOut(action) { inputs.append(.disconnected(cut)) }
            }
        }
    }

    /// - Returns: The connection that this was too much for.
    private func carryOut(_ action: ChannelsServer.Action) -> SocketID? {
        switch action {
        case .send(let id, let text):
            guard let seat = seats[id], !seat.outbox.send(text) else { return nil }
            logger.warning("broker.slow-consumer", metadata: ["socket_id": "\(id)", "limit": "\(Outbox.limit)"])
            leaveSeat(id)
            return id
        case .close(let id, let code, let reason):
            logger.debug("broker.closed", metadata: ["socket_id": "\(id)", "code": "\(code)", "why": "\(reason)"])
            leaveSeat(id)?.close(code, reason)
        case .webhook(let event):
            webhooks?.send(event)
        case .occupied(let channel):
            occupancyContinuation.yield((channel, true))
        case .vacated(let channel):
            occupancyContinuation.yield((channel, false))
        case .wake(let moment):
            schedule(moment)
        }
        return nil
    }

    @discardableResult
    private func leaveSeat(_ id: SocketID) -> Outbox? {
        guard let seat = seats.removeValue(forKey: id) else { return nil }
        if let address = seat.address, let count = connectionsOfAddress[address] {
            connectionsOfAddress[address] = count > 1 ? count - 1 : nil
        }
        return seat.outbox
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
