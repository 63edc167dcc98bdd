import Settings

/// `webhook`: how measurements reach the dashboard.
public struct WebhookSettings: Equatable, Sendable {
    /// What goes first when a unit's measurements have had to wait.
    public enum Order: String, CaseIterable, Sendable {
        /// The oldest: each unit's measurements arrive in their order, always.
        case inOrder = "in-order"
        /// What the unit says now; what has waited follows slowly, oldest first.
        case freshFirst = "fresh-first"
    }

    /// From the start of a request to the end of its answer.
    public var timeout = Duration.seconds(10)
    /// The most requests at once, over all units; one unit never has more than one.
    public var concurrency = 64
    public var order = Order.inOrder
    /// How many measurements a second that have waited are delivered beside fresh ones, where those go first.
    public var backlogRate = 100
    /// Whether a measurement is let go that a newer one of its unit has overtaken before it was sent.
    public var coalesces = false
    /// Failed requests in a row after which the dashboard is left alone for a while.
    public var breakerFailures = 10
    /// The most measurements in one request, where the dashboard takes several; 1 sends each by itself.
    public var batch = 500

    public init() {}

    init(_ reader: SettingsReader?, _ warnings: inout [SettingsProblem]) {
        guard let reader else { return }
        timeout = reader.duration("timeout", in: .milliseconds(100)...(.seconds(600))) ?? timeout
        concurrency = reader.integer("concurrency", in: 1...4096) ?? concurrency
        order = reader.choice("order", of: Order.self) ?? order
        backlogRate = reader.integer("backlog-rate", in: 1...1_000_000) ?? backlogRate
        coalesces = reader.bool("newest-only") ?? coalesces
        breakerFailures = reader.integer("breaker-failures", in: 1...10_000) ?? breakerFailures
        batch = reader.integer("batch", in: 1...10_000) ?? batch
        if reader.integer("queue", in: 1...1_000_000) != nil {
            warnings.append(
                SettingsProblem(
                    path: "webhook.queue", message: "has no effect any more: outbox.maximum-bytes says what may wait"))
        }
        reader.finish()
    }
}
