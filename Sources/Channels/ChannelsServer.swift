/// The server's side of the Pusher protocol: connections, subscriptions, members, the last events of cache channels.
///
/// A value without I/O: feed it what happens and when, carry out what it answers, in order. After ``Action/close`` the
/// connection is forgotten; its ``Input/disconnected(_:)`` need not come.
public struct ChannelsServer: Sendable {
    public enum Input: Equatable, Sendable {
        case connected(SocketID, protocolVersion: Int)
        /// A text frame.
        case received(SocketID, text: String)
        case disconnected(SocketID)
        /// An event from the HTTP API or from the hub itself; `data` is text, for most events JSON, at most
        /// ``Limits/eventData`` bytes of it, which whoever publishes has checked.
        case publish(event: String, data: String, channels: [ChannelName], except: SocketID?)
        case terminateUser(String)
        case wake
        /// Everybody is sent away, to come back at once.
        case stop
    }

    public enum Action: Equatable, Sendable {
        case send(SocketID, String)
        case close(SocketID, CloseCode, reason: String)
        case webhook(WebhookEvent)
        case occupied(ChannelName)
        case vacated(ChannelName)
        case wake(at: Duration)
    }

    /// What one client may ask for.
    public struct Limits: Equatable, Sendable {
        /// A frame from a client: its bytes and nesting.
        public var frame = JSONLimits(maximumBytes: 64 * 1024)
        /// The data of an event, in bytes.
        public var eventData = 10 * 1024
        public var subscriptions = 100
        /// Members of one presence channel.
        public var members = 100
        public var clientEventsPerSecond = 10
        /// Frames that are not the protocol, before the connection is closed.
        public var malformedFrames = 10
        /// Cache channels whose last event is kept.
        public var cachedChannels = 1000

        public init() {}
    }

    /// The protocol versions that are spoken.
    public static let protocolVersions = 5...7
    /// Clients of earlier versions look for an error event before the close, not at its code.
    public static let firstVersionWithCloseCodes = 6
    /// How long a client may take to answer a ping (the protocol's own figure).
    public static let pongLimit = Duration.seconds(30)
    /// How long a cache channel's last event is kept.
    static let cacheLifetime = Duration.seconds(1800)

    struct Connection: Sendable {
        var protocolVersion: Int
        var channels: Set<ChannelName> = []
        /// Who it is on each presence channel.
        var memberships: [ChannelName: Member] = [:]
        /// Who it signed in as.
        var user: String?
        var lastHeard: Duration
        var pingSent: Duration?
        var malformed = 0
        var eventWindow = Duration.zero
        var eventsInWindow = 0
    }

    struct Member: Equatable, Sendable {
        var id: String
        var info: JSONValue?
    }

    struct Channel: Sendable {
        /// In the order in which they came.
        var subscribers: [SocketID] = []
        var members: [String: (info: JSONValue?, connections: Int)] = [:]
    }

    struct CachedEvent: Sendable {
        var text: String
        var at: Duration
    }

    let credentials: AppCredentials
    let limits: Limits
    let activityTimeout: Duration
    var connections: [SocketID: Connection] = [:]
    var channels: [ChannelName: Channel] = [:]
    var cache: [ChannelName: CachedEvent] = [:]
    private var generator: SocketNumbers
    private var scheduledWake: Duration?
    private var isStopping = false

    /// - Parameter seed: Makes the sequence of socket ids; take a random one.
    public init(
        credentials: AppCredentials, limits: Limits = Limits(), activityTimeout: Duration = .seconds(120), seed: UInt64
    ) {
        self.credentials = credentials
        self.limits = limits
        self.activityTimeout = activityTimeout
        generator = SocketNumbers(state: seed)
    }

    /// A name for a new connection that no other has.
    public mutating func makeSocketID() -> SocketID {
        while true {
            let id = SocketID(generator.next(), generator.next())
            if connections[id] == nil { return id }
        }
    }

    public var connectionCount: Int { connections.count }

    public mutating func on(_ input: Input, at now: Duration) -> [Action] {
        var actions: [Action] = []
        switch input {
        case .connected(let id, let version): connect(id, version, at: now, &actions)
        case .received(let id, let text): receive(text, from: id, at: now, &actions)
        case .disconnected(let id): forget(id, &actions)
        case .publish(let event, let data, let channels, let except):
            for channel in channels { publish(event, data, on: channel, except: except, at: now, &actions) }
        case .terminateUser(let user):
            for (id, connection) in connections.sorted(by: { $0.key < $1.key }) where connection.user == user {
                close(id, .unauthorized, "the user's connections were terminated", &actions)
            }
        case .wake:
            scheduledWake = nil
            sweep(at: now, &actions)
        case .stop:
            isStopping = true
            for id in connections.keys.sorted() { close(id, .reconnect, "the server is going away", &actions) }
        }
        schedule(at: now, &actions)
        return actions
    }

    private mutating func connect(_ id: SocketID, _ version: Int, at now: Duration, _ actions: inout [Action]) {
        guard !isStopping else {
            actions.append(.close(id, .reconnect, reason: "the server is going away"))
            return
        }
        guard Self.protocolVersions.contains(version) else {
            if version < Self.firstVersionWithCloseCodes {
                actions.append(.send(id, Self.error(.unsupportedProtocol, "protocol not supported")))
            }
            actions.append(.close(id, .unsupportedProtocol, reason: "protocols 5 to 7 are spoken"))
            return
        }
        connections[id] = Connection(protocolVersion: version, lastHeard: now)
        let greeting: JSONValue = [
            "socket_id": .string(id.description), "activity_timeout": .integer(Int(activityTimeout.components.seconds)),
        ]
        actions.append(
            .send(id, ChannelsMessage.fromServer("pusher:connection_established", payload: greeting).text))
    }

    /// Ends a connection from this side.
    mutating func close(_ id: SocketID, _ code: CloseCode, _ reason: String, _ actions: inout [Action]) {
        if let version = connections[id]?.protocolVersion, version < Self.firstVersionWithCloseCodes {
            actions.append(.send(id, Self.error(code, reason)))
        }
        actions.append(.close(id, code, reason: reason))
        forget(id, &actions)
    }

    private mutating func forget(_ id: SocketID, _ actions: inout [Action]) {
        guard let connection = connections[id] else { return }
        for channel in connection.channels.sorted() { leave(channel, id, &actions) }
        connections[id] = nil
    }

    /// Pings who was silent for too long, and cuts who did not answer.
    private mutating func sweep(at now: Duration, _ actions: inout [Action]) {
        for (id, connection) in connections.sorted(by: { $0.key < $1.key }) {
            if let pingSent = connection.pingSent {
                if now >= pingSent + Self.pongLimit { close(id, .noPong, "a ping was not answered", &actions) }
            } else if now >= connection.lastHeard + activityTimeout {
                connections[id]?.pingSent = now
                actions.append(.send(id, ChannelsMessage.fromServer("pusher:ping", payload: [:]).text))
            }
        }
        cache = cache.filter { now < $0.value.at + Self.cacheLifetime }
    }

    /// One coarse timer for all: an eighth of the time-out is exact enough to notice silence.
    private mutating func schedule(at now: Duration, _ actions: inout [Action]) {
        guard scheduledWake == nil, !connections.isEmpty else { return }
        let next = now + max(.seconds(1), activityTimeout / 8)
        scheduledWake = next
        actions.append(.wake(at: next))
    }

    /// The text of a `pusher:error` event.
    public static func error(_ code: CloseCode?, _ message: String) -> String {
        let code = code.map { JSONValue.integer($0.rawValue) } ?? .null
        return ChannelsMessage(event: "pusher:error", data: ["code": code, "message": .string(message)]).text
    }
}

/// Numbers for socket ids: SplitMix64, cut to 31 bits.
private struct SocketNumbers: Sendable {
    var state: UInt64

    mutating func next() -> UInt32 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return UInt32((mixed ^ (mixed >> 31)) >> 33)
    }
}
