import Channels
import PeerLink

/// What somebody who watches says on the data channel, or through the hub. Anything else is ignored.
enum WatcherMessage: Equatable, Sendable {
    /// Asks for the device's clock; the number is the watcher's own and comes back as it was.
    case ping(at: JSONValue)

    private static let limits = JSONLimits(maximumBytes: 4096, maximumDepth: 4)

    /// A text and the same bytes mean the same.
    init?(_ message: ChannelMessage) {
        let bytes =
            switch message {
            case .text(let text): Array(text.utf8)
            case .bytes(let bytes): bytes
            }
        guard let value = try? JSONValue(bytes: bytes, limits: Self.limits) else { return nil }
        self.init(value)
    }

    init?(_ value: JSONValue) {
        guard value["type"] == "ping", let at = value["at"] else { return nil }
        switch at {
        case .integer: break
        // A number that no Double holds would be none to the watcher.
        case .number(let literal) where Double(literal)?.isFinite == true: break
        default: return nil
        }
        self = .ping(at: at)
    }

    /// The answer to a ping.
    ///
    /// - Parameter now: Milliseconds since 1970.
    static func pong(at: JSONValue, _ description: LiveDescription, now: Double) -> JSONValue {
        var members = description.members
        members["type"] = "pong"
        members["at"] = at
        members["time"] = .number("\(now)")
        return .object(members)
    }
}
