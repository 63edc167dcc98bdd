/// The client's side of one Pusher connection that is wanted for ever, with the channels that it subscribes to.
///
/// A value without I/O: feed it what happens and when, carry out what it answers, in order. The shell forwards events of
/// the link that it was last told to open and of no other; after ``Action/disconnect`` it forgets that link. Each
/// ``Action/wake(at:)`` replaces the one before.
///
/// Nothing ends the client but ``Input/stop``: what a server refuses is tried again, only more slowly.
public struct ChannelsClient: Sendable {
    public enum Input: Equatable, Sendable {
        case start
        /// The WebSocket is open.
        case opened
        case connectFailed(reason: String)
        /// A text frame.
        case received(String)
        /// The link ended, with the close code when there was one.
        case closed(CloseCode?)
        case authorized(ChannelName, SocketID, ChannelAuthorization)
        case authorizationFailed(ChannelName, SocketID, reason: String)
        case wake
        case stop
    }

    public enum Action: Equatable, Sendable {
        /// Open a WebSocket to this path of the server.
        case connect(path: String)
        case send(String)
        case disconnect
        /// Ask the dashboard for the signature of a private channel.
        case authorize(ChannelName, SocketID)
        /// An event of a channel that is subscribed; one of an encrypted channel as it was before its encryption.
        case deliver(ChannelsMessage)
        /// So many events of an encrypted channel that could not be read.
        case unreadable(ChannelName, count: Int, reason: String)
        /// An event of no channel that is subscribed.
        case stray(ChannelsMessage)
        case connected(SocketID)
        /// There is no connection; the next attempt comes after `retryIn`.
        case disconnected(reason: String, retryIn: Duration)
        case subscribed(ChannelName)
        case subscriptionFailed(ChannelName, reason: String, retryIn: Duration)
        /// A frame that says nothing that is known, or an error event of the server.
        case noted(String)
        case wake(at: Duration)
    }

    /// How long things may take. The activity time-out and the wait for a pong are the protocol's own figures.
    public struct Timing: Equatable, Sendable {
        public var connect = Duration.seconds(15)
        public var greeting = Duration.seconds(10)
        public var activity = Duration.seconds(120)
        public var pong = Duration.seconds(30)
        public var subscription = Duration.seconds(15)
        public var shortestRetry = Duration.seconds(1)
        public var longestRetry = Duration.seconds(60)
        /// After a refusal that will not change by itself (close codes 4000 to 4099).
        public var refusedRetry = Duration.seconds(300)
        /// A connection that lasted so long was a good one: the next retry starts from the shortest again.
        public var stable = Duration.seconds(10)
        /// The key of an encrypted channel is asked for anew no sooner than this after the last time: one who sends what
        /// no key opens must not have the dashboard asked without end.
        public var keyRenewal = Duration.seconds(1)
        /// A close without a code that follows an error event so soon is for the reason that the event names.
        public var announcement = Duration.seconds(5)

        public init() {}
    }

    /// Protocol 7 of Pusher Channels.
    public static let protocolVersion = 7

    let path: String
    let channels: [ChannelName]
    let timing: Timing
    let limits: JSONLimits
    let random: @Sendable () -> Double

    var phase = Phase.idle
    var subscriptions: [ChannelName: Subscription] = [:]
    /// Refusals in a row, by channel, over all connections.
    var failures: [ChannelName: Int] = [:]
    /// The keys of encrypted channels, on this connection.
    var secrets: [ChannelName: SharedSecret] = [:]
    var renewals: [ChannelName: KeyRenewal] = [:]
    /// When a key was last asked for because it did not fit.
    var renewedAt: [ChannelName: Duration] = [:]
    var attempts = 0
    /// What the server said in an error event, and when; older protocols say it there and close without a code.
    var announced: (code: CloseCode, at: Duration)?
    var scheduledWake: Duration?

    enum Phase: Equatable, Sendable {
        case idle
        case waiting(until: Duration)
        case connecting(until: Duration)
        case greeting(until: Duration)
        case connected(Connection)
        case stopped
    }

    struct Connection: Equatable, Sendable {
        var socketID: SocketID
        var activity: Duration
        var since: Duration
        var lastHeard: Duration
        var pingSent: Duration?
    }

    enum Subscription: Equatable, Sendable {
        case authorizing(until: Duration)
        case requested(until: Duration)
        case active
        case retrying(at: Duration)
    }

    /// - Parameters:
    ///   - key: The app's key.
    ///   - channels: What is subscribed to on each connection.
    ///   - limits: The largest and deepest frame that is read.
    ///   - random: Gives numbers from 0 to 1, for the jitter of retries.
    public init(
        key: String, clientName: String, clientVersion: String, channels: [ChannelName],
        timing: Timing = Timing(), limits: JSONLimits = JSONLimits(maximumBytes: 1 << 20),
        random: @escaping @Sendable () -> Double
    ) {
        path =
            "/app/\(key.percentEncoded)?protocol=\(Self.protocolVersion)"
            + "&client=\(clientName.percentEncoded)&version=\(clientVersion.percentEncoded)"
        self.channels = channels
        self.timing = timing
        self.limits = limits
        self.random = random
    }

    /// Takes what happened.
    ///
    /// - Parameter now: Time since any fixed moment, never going back.
    public mutating func on(_ input: Input, at now: Duration) -> [Action] {
        guard phase != .stopped else { return [] }
        var actions: [Action] = []
        switch input {
        case .start: if phase == .idle { connect(at: now, &actions) }
        case .opened: if case .connecting = phase { phase = .greeting(until: now + timing.greeting) }
        case .connectFailed(let reason): lose(reason, code: nil, at: now, &actions)
        case .received(let text): receive(text, at: now, &actions)
        case .closed(let code):
            let reason = code?.description ?? "the connection ended"
            lose(reason, code: code ?? announcedCode(at: now), at: now, &actions)
        case .authorized(let channel, let socketID, let authorization):
            if connection?.socketID == socketID {
                authorized(channel, socketID, authorization, at: now, &actions)
            }
        case .authorizationFailed(let channel, let socketID, let reason):
            guard connection?.socketID == socketID else { break }
            if case .authorizing = subscriptions[channel] {
                failSubscription(channel, reason, at: now, &actions)
            } else {
                giveUpRenewal(of: channel, "the dashboard gave no new key: \(reason)", &actions)
            }
        case .wake:
            scheduledWake = nil
            checkDeadlines(at: now, &actions)
        case .stop:
            if hasLink { actions.append(.disconnect) }
            phase = .stopped
            return actions
        }
        schedule(&actions)
        return actions
    }

    var connection: Connection? {
        guard case .connected(let connection) = phase else { return nil }
        return connection
    }

    private var hasLink: Bool {
        switch phase {
        case .idle, .waiting, .stopped: false
        case .connecting, .greeting, .connected: true
        }
    }

    /// The code of an error event that was said just before; it is not for what happens much later.
    private func announcedCode(at now: Duration) -> CloseCode? {
        announced.flatMap { now - $0.at <= timing.announcement ? $0.code : nil }
    }

    private mutating func connect(at now: Duration, _ actions: inout [Action]) {
        announced = nil
        subscriptions = [:]
        secrets = [:]
        phase = .connecting(until: now + timing.connect)
        actions.append(.connect(path: path))
    }

    /// The link is gone, or was never there: wait as its close code asks.
    mutating func lose(_ reason: String, code: CloseCode?, at now: Duration, _ actions: inout [Action]) {
        guard hasLink else { return }
        let wasStable = connection.map { now - $0.since >= timing.stable } ?? false
        if wasStable { attempts = 0 }
        let pause: Duration =
            switch code?.reconnect ?? .backOff {
            case .onlyWhenChanged: timing.refusedRetry * (0.5 + 0.5 * random())
            case .atOnce where wasStable: .zero
            case .later, .atOnce, .backOff: nextPause()
            }
        subscriptions = [:]
        for channel in channels {
            giveUpRenewal(of: channel, "the connection ended before there was a new key", &actions)
        }
        actions.append(.disconnected(reason: reason, retryIn: pause))
        if pause == .zero {
            connect(at: now, &actions)
        } else {
            phase = .waiting(until: now + pause)
        }
    }

    private mutating func nextPause() -> Duration {
        defer { attempts += 1 }
        return pause(after: attempts, atMost: timing.longestRetry)
    }

    /// Doubles from failure to failure; half of it is jitter.
    func pause(after failures: Int, atMost longest: Duration) -> Duration {
        let limit = min(longest, timing.shortestRetry * (1 << min(failures, 16)))
        return max(timing.shortestRetry, limit * (0.5 + 0.5 * random()))
    }

    private mutating func checkDeadlines(at now: Duration, _ actions: inout [Action]) {
        switch phase {
        case .idle, .stopped:
            break
        case .waiting(let until):
            if now >= until { connect(at: now, &actions) }
        case .connecting(let until), .greeting(let until):
            if now >= until { hangUp("the server did not answer in time", at: now, &actions) }
        case .connected(let connection):
            checkSilence(of: connection, at: now, &actions)
            checkSubscriptions(at: now, &actions)
        }
    }

    private mutating func checkSilence(of connection: Connection, at now: Duration, _ actions: inout [Action]) {
        if let pingSent = connection.pingSent {
            if now >= pingSent + timing.pong { hangUp("a ping was not answered", at: now, &actions) }
        } else if now >= connection.lastHeard + connection.activity {
            var pinged = connection
            pinged.pingSent = now
            phase = .connected(pinged)
            actions.append(.send(ChannelsMessage(event: "pusher:ping", data: .object([:])).text))
        }
    }

    mutating func hangUp(_ reason: String, at now: Duration, _ actions: inout [Action]) {
        actions.append(.disconnect)
        lose(reason, code: nil, at: now, &actions)
    }

    private func nextDeadline(of connection: Connection) -> Duration {
        var next = connection.pingSent.map { $0 + timing.pong } ?? connection.lastHeard + connection.activity
        for subscription in subscriptions.values { next = min(next, subscription.deadline ?? next) }
        for renewal in renewals.values { next = min(next, renewal.until) }
        return next
    }

    private mutating func schedule(_ actions: inout [Action]) {
        let next: Duration? =
            switch phase {
            case .idle, .stopped: nil
            case .waiting(let until), .connecting(let until), .greeting(let until): until
            case .connected(let connection): nextDeadline(of: connection)
            }
        guard let next, next != scheduledWake else { return }
        // A wake that comes too early only asks for the next one; what was heard meanwhile need not move it.
        if let scheduledWake, scheduledWake <= next { return }
        scheduledWake = next
        actions.append(.wake(at: next))
    }
}

/// What a dashboard answers when it is asked whether a client may see a channel.
public struct ChannelAuthorization: Equatable, Sendable {
    /// `KEY:SIGNATURE`.
    public var auth: String
    /// For presence channels: who the member is, JSON in text.
    public var channelData: String?
    /// The key of an encrypted channel.
    public var sharedSecret: SharedSecret?

    public init(auth: String, channelData: String? = nil, sharedSecret: SharedSecret? = nil) {
        self.auth = auth
        self.channelData = channelData
        self.sharedSecret = sharedSecret
    }
}

extension ChannelsClient.Subscription {
    var deadline: Duration? {
        switch self {
        case .authorizing(let until), .requested(let until), .retrying(let until): until
        case .active: nil
        }
    }
}
