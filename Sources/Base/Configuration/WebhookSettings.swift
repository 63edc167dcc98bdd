import Settings

/// `webhook`: how measurements reach the dashboard.
public struct WebhookSettings: Equatable, Sendable {
    /// From the start of a request to the end of its answer.
    public var timeout = Duration.seconds(10)
    /// The most requests at once, over all units; one unit never has more than one.
    public var concurrency = 64
    /// The most measurements that wait for one unit; the oldest is dropped for a new one.
    public var queue = 1000

    public init() {}

    init(_ reader: SettingsReader?) {
        guard let reader else { return }
        timeout = reader.duration("timeout", in: .milliseconds(100)...(.seconds(600))) ?? timeout
        concurrency = reader.integer("concurrency", in: 1...4096) ?? concurrency
        queue = reader.integer("queue", in: 1...1_000_000) ?? queue
        reader.finish()
    }
}
