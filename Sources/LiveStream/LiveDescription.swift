import Channels

/// What a device says of its stream to whoever watches.
public struct LiveDescription: Equatable, Sendable {
    public var name: String
    /// What is streamed, such as `sine:2s`; nil where the device does not know, as of a real sensor.
    public var signal: String?
    /// Values a second; nil where the device does not know.
    public var rate: Double?
    public var isRunning: Bool

    public init(name: String, signal: String? = nil, rate: Double? = nil, isRunning: Bool) {
        self.name = name
        self.signal = signal
        self.rate = rate
        self.isRunning = isRunning
    }

    /// The members of a pong, and of what a controller is told.
    var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["name": .string(name), "running": .bool(isRunning)]
        members["signal"] = signal.map { .string($0) }
        members["rate"] = rate.map { .number("\($0)") }
        return members
    }
}
