import Channels

/// What the hub's signalling says to a device, of what a device looks at (docs/live.md).
enum SignallingMessage: Equatable, Sendable {
    case open
    /// Something else is that device.
    case idTaken
    /// Before the server closes the connection.
    case error(String)
    case presence(id: String, isThere: Bool)
    case offer(from: String, Offer)
    case relay(from: String, JSONValue)
    case control(from: String, JSONValue)
    case leave(from: String)

    struct Offer: Equatable, Sendable {
        var description: String
        /// The peer's own name of the connection, which the answer repeats.
        var connection: JSONValue
    }

    static let limits = JSONLimits(maximumBytes: 64 * 1024, maximumDepth: 16)

    /// Nil for what is no JSON, or is none of these.
    init?(text: String) {
        guard let value = try? JSONValue(text: text, limits: Self.limits), let type = value["type"]?.string else {
            return nil
        }
        let payload = value["payload"] ?? .null
        switch (type, value["src"]?.string) {
        case ("OPEN", _): self = .open
        case ("ID-TAKEN", _): self = .idTaken
        case ("ERROR", _): self = .error(payload["msg"]?.string ?? "it says no more")
        case ("PRESENCE", _):
            guard let id = payload["id"]?.string, let state = payload["state"]?.string else { return nil }
            self = .presence(id: id, isThere: state == "joined")
        case ("OFFER", let source?):
            guard let description = payload["sdp"]?["sdp"]?.string, payload["type"] ?? "data" == "data" else {
                return nil
            }
            self = .offer(from: source, Offer(description: description, connection: payload["connectionId"] ?? .null))
        case ("RELAY", let source?): self = .relay(from: source, payload)
        case ("CONTROL", let source?): self = .control(from: source, payload)
        case ("LEAVE", let source?): self = .leave(from: source)
        default: return nil
        }
    }

    static let heartbeat = JSONValue.object(["type": "HEARTBEAT"]).text

    static func answer(_ description: String, connection: JSONValue, to id: String) -> String {
        let payload: JSONValue = [
            "sdp": ["type": "answer", "sdp": .string(description)], "type": "data", "connectionId": connection,
        ]
        return text("ANSWER", payload, to: id)
    }

    static func relay(_ payload: JSONValue, to id: String) -> String { text("RELAY", payload, to: id) }
    static func control(_ payload: JSONValue, to id: String) -> String { text("CONTROL", payload, to: id) }

    /// To all who have asked to get the stream through the hub. At most 1000 samples.
    static func relay(_ samples: some Sequence<LiveSample>) -> String {
        let rows = samples.map { sample -> JSONValue in
            [.integer(Int(sample.sequence)), .number("\(sample.time)"), .number("\(sample.value)")]
        }
        return JSONValue.object(["type": "RELAY", "payload": ["samples": .array(rows)]]).text
    }

    private static func text(_ type: JSONValue, _ payload: JSONValue, to id: String) -> String {
        JSONValue.object(["type": type, "dst": .string(id), "payload": payload]).text
    }
}
