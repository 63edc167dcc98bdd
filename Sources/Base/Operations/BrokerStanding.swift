/// Whether the broker is heard; a value without I/O.
struct BrokerStanding: Equatable, Sendable {
    /// The channels that are to be heard.
    let wanted: [String]
    private(set) var channels: Set<String> = []
    /// Since when one of them is missing; nil while none is.
    private(set) var missingSince: Duration?
    /// What came between, while one is missing.
    private(set) var trouble: String?
    /// Connections that were lost, or never made.
    private(set) var losses = 0

    init(wanted: [String], since now: Duration) {
        self.wanted = wanted
        missingSince = now
    }

    mutating func subscribed(_ channel: String) {
        channels.insert(channel)
        if wanted.allSatisfy(channels.contains) { (missingSince, trouble) = (nil, nil) }
    }

    mutating func refused(_ channel: String, _ reason: String, at now: Duration) {
        channels.remove(channel)
        (missingSince, trouble) = (missingSince ?? now, reason)
    }

    mutating func lost(_ reason: String, at now: Duration) {
        channels = []
        losses += 1
        (missingSince, trouble) = (missingSince ?? now, reason)
    }
}
