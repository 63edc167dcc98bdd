import Settings

/// `commands`: how requests reach units.
public struct CommandSettings: Equatable, Sendable {
    /// How long a connection stays open after TCP has acknowledged all bytes.
    public var dwell = Duration.milliseconds(300)
    /// The most commands that wait for one unit, the one under way included; more are refused.
    public var queue = 16
    /// From the request's arrival to the acknowledgement of its last byte.
    public var timeout = Duration.seconds(10)

    public init() {}

    init(_ reader: SettingsReader?) {
        guard let reader else { return }
        dwell = reader.duration("dwell", in: .zero...(.seconds(60))) ?? dwell
        queue = reader.integer("queue", in: 1...1024) ?? queue
        timeout = reader.duration("timeout", in: .milliseconds(100)...(.seconds(3600))) ?? timeout
        reader.finish()
    }
}
