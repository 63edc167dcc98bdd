import Channels

/// What a client says on the signalling WebSocket (PeerJS, server 1.0.2), and what the server answers.
struct SignallingMessage: Equatable, Sendable {
    enum Kind: String, Sendable {
        case heartbeat = "HEARTBEAT"
        case offer = "OFFER"
        case answer = "ANSWER"
        case candidate = "CANDIDATE"
        case leave = "LEAVE"
        case expire = "EXPIRE"
        /// This hub's own: what two peers that find no way to each other say through it.
        case relay = "RELAY"
        /// This hub's own: between a device and who may control it.
        case control = "CONTROL"

        /// Whether a peer must have asked for this hub's own messages to get it.
        var isOwn: Bool { self == .relay || self == .control }
    }

    static let limits = JSONLimits(maximumBytes: 64 * 1024, maximumDepth: 16)

    var kind: Kind
    /// Whom it is for.
    var destination: PeerID?
    var payload: JSONValue?

    init(_ kind: Kind, to destination: PeerID? = nil, payload: JSONValue? = nil) {
        self.kind = kind
        self.destination = destination
        self.payload = payload
    }

    /// Nil for what is no JSON or has a type that is not known; PeerJS's server says nothing about it either.
    init?(text: String) {
        guard let value = try? JSONValue(text: text, limits: Self.limits),
            let kind = value["type"]?.string.flatMap(Kind.init)
        else { return nil }
        let destination = value["dst"]
        let id = destination?.string.flatMap(PeerID.init)
        if let destination, destination != .null, id == nil { return nil }
        self.init(kind, to: id, payload: value["payload"])
    }

    /// As the receiver gets it. Who sent it says the server, whatever the sender claims.
    func text(from source: PeerID) -> String {
        var members: [String: JSONValue] = ["type": .string(kind.rawValue), "src": .string(source.text)]
        members["dst"] = destination.map { .string($0.text) }
        members["payload"] = payload
        return JSONValue.object(members).text
    }
}

// What the server says by itself.
extension SignallingMessage {
    static let open = JSONValue.object(["type": "OPEN"]).text
    static let idTaken = JSONValue.object(["type": "ID-TAKEN", "payload": ["msg": "ID is taken"]]).text

    /// Before the connection is closed; the first four in the words of PeerJS's server.
    enum Refusal: String, Error, Sendable {
        case missingParameter = "No id, token, or key supplied to websocket server"
        case wrongKey = "Invalid key provided"
        case wrongToken = "Invalid token provided"
        case full = "Server has reached its concurrent user limit"
        case badID = "Invalid id provided"
        case tooManyMessages = "Too many messages"
    }

    static func error(_ refusal: Refusal) -> String {
        JSONValue.object(["type": "ERROR", "payload": ["msg": .string(refusal.rawValue)]]).text
    }

    /// Tells `receiver` that `absent` did not come for what was sent to it.
    static func expire(_ absent: PeerID, to receiver: PeerID) -> String {
        JSONValue.object(["type": "EXPIRE", "src": .string(absent.text), "dst": .string(receiver.text)]).text
    }

    static func presence(of id: PeerID, isThere: Bool) -> String {
        let payload: JSONValue = ["id": .string(id.text), "state": .string(isThere ? "joined" : "left")]
        return JSONValue.object(["type": "PRESENCE", "payload": payload]).text
    }
}
