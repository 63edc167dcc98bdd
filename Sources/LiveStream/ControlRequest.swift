import Channels

/// What somebody asks who may control a device: to be told how it is, and to change what is named.
public struct ControlRequest: Equatable, Sendable {
    public var isRunning: Bool?
    /// Values a second; above 0.
    public var rate: Double?
    public var signal: String?

    public init(isRunning: Bool? = nil, rate: Double? = nil, signal: String? = nil) {
        self.isRunning = isRunning
        self.rate = rate
        self.signal = signal
    }

    /// `{type: "control", running, rate, signal}`, each of the three optional; nil for anything else.
    init?(_ payload: JSONValue) {
        guard payload["type"] == "control" else { return nil }
        switch payload["running"] {
        case .bool(let flag)?: isRunning = flag
        case nil, .null?: break
        default: return nil
        }
        switch payload["rate"] {
        case .integer(let number)?: rate = Double(number)
        case .number(let literal)?: rate = Double(literal)
        case nil, .null?: break
        default: return nil
        }
        if let rate, !rate.isFinite || rate <= 0 { return nil }
        switch payload["signal"] {
        case .string(let text)?: signal = text
        case nil, .null?: break
        default: return nil
        }
    }
}
