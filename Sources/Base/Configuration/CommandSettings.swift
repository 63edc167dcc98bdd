import Settings

/// `commands`: how requests reach units.
public struct CommandSettings: Equatable, Sendable {
    /// How long a connection stays open after TCP has acknowledged all bytes.
    public var dwell = Duration.milliseconds(300)
    /// The most commands that wait for one unit, the one under way included; more are refused.
    public var queue = 16
    /// From the request's arrival to the acknowledgement of its last byte.
    public var timeout = Duration.seconds(10)

    /// A command that has waited so long is not sent any more; nil: ``timeout`` alone counts.
    public var ttl: Duration?
    /// A command takes the place of those for the same unit that were not written yet.
    public var newestWins = false

    public init() {}

    init(_ reader: SettingsReader?) {
        guard let reader else { return }
        dwell = reader.duration("dwell", in: .zero...(.seconds(60))) ?? dwell
        queue = reader.integer("queue", in: 1...1024) ?? queue
        timeout = reader.duration("timeout", in: .milliseconds(100)...(.seconds(3600))) ?? timeout
        ttl = reader.duration("ttl", in: .milliseconds(100)...(.seconds(3600)))
        newestWins = reader.bool("newest-wins") ?? newestWins
        if let ttl, ttl > timeout {
            reader.report("ttl", "must not be longer than commands.timeout (\(timeout.settingsText))")
        }
        reader.finish()
    }
}
