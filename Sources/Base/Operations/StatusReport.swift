import UnitProtocol

/// How a base fares at one moment: what `/status` answers and `iot base status` shows.
struct StatusReport: Codable, Equatable, Sendable {
    struct Units: Codable, Equatable, Sendable {
        /// Units whose measurements are wanted.
        var read = 0
        /// All units by their state.
        var states: [String: Int] = [:]
        var lines = 0
        var bytes = 0
        /// Lines that were no measurement, by reason.
        var malformed: [String: Int] = [:]
        var throttled = 0
        var reconnects = 0
        /// Read units that are not connected, or in quarantine; the first ``StatusReport/mostTroubled`` by address.
        var troubled: [Unit] = []
        var troubledCount = 0
    }

    struct Unit: Codable, Equatable, Sendable {
        var address: String
        var state: String
        var forSeconds: Double
        var why: String?
    }

    struct Deliveries: Codable, Equatable, Sendable {
        var waiting = 0
        /// Those of them that are not on the disk.
        var inMemory = 0
        var outboxBytes = 0
        var oldestSeconds: Double?
        /// Why the disk takes nothing.
        var degraded: String?
        /// How often the outbox's files were in trouble, each time that it was met.
        var outboxTroubles = 0
        /// Measurements by what became of them; one that is tried again counts each time.
        var results: [String: Int] = [:]
        /// Measurements that were given up, by reason.
        var dropped: [String: Int] = [:]
        var coalesced = 0
        var requestsUnderWay = 0
        var isBreakerOpen = false
        var failingSeconds: Double?
        var failure: String?
        /// What the dashboard answers while it refuses the token.
        var unauthorized: String?
        /// Measurements that the dashboard has refused for good, and that are kept; nil where their folder cannot be read.
        var deadLetters: Int?
        /// Those that this run has given up for newer ones.
        var deadLettersDropped: Int?
        var latency = Latency()
    }

    struct Requests: Codable, Equatable, Sendable {
        var channels: [String] = []
        var wantedChannels: [String] = []
        /// Since when the broker is missed.
        var missingSeconds: Double?
        var trouble: String?
        var connectionsLost = 0
        /// Commands by what became of them.
        var results: [String: Int] = [:]
        /// Requests that never became commands, by reason.
        var refused: [String: Int] = [:]
        var reported = 0
        var unreported = 0
        var latency = Latency()
    }

    /// Units that are shared with other bases.
    struct Ownership: Codable, Equatable, Sendable {
        /// This base's name among the others.
        var name = ""
        /// Units that this base holds.
        var held = 0
        /// Since when there has been no lease; nil while there is one.
        var missingSeconds: Double?
        /// Why there is none.
        var trouble: String?
    }

    struct Latency: Codable, Equatable, Sendable {
        var count = 0
        var medianMilliseconds: Double?
        var p99Milliseconds: Double?
        var maximumMilliseconds: Double?
    }

    /// The most units that a report names.
    static let mostTroubled = 20

    var version = ""
    var uptimeSeconds = 0.0
    var isReady = false
    /// What is missing, in words; empty when it is ready.
    var missing: [String] = []
    var units = Units()
    var deliveries = Deliveries()
    var requests = Requests()
    /// Nil where this base has all units alone.
    var ownership: Ownership?
    var configuration = Reload.Standing()
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension StatusReport.Latency {
    init(_ histogram: LatencyHistogram) {
        func milliseconds(_ value: Duration?) -> Double? { value.map { ($0.inSeconds * 1e6).rounded() / 1000 } }
        count = histogram.count
        medianMilliseconds = milliseconds(histogram.quantile(0.5))
        p99Milliseconds = milliseconds(histogram.quantile(0.99))
        maximumMilliseconds = histogram.count > 0 ? milliseconds(histogram.max) : nil
    }
}

extension StatusReport.Units {
    init(_ units: [UnitStatus], _ totals: UnitTotals, at now: Duration) {
        read = units.count(where: \.isRead)
        states = Dictionary(
            uniqueKeysWithValues: UnitStatus.State.allCases.map { ($0.rawValue, totals.states[$0, default: 0]) })
        (lines, bytes) = (totals.counts.lines, totals.counts.bytes)
        malformed = Dictionary(
            uniqueKeysWithValues: MalformedLine.allCases.map { ($0.rawValue, totals.counts.malformed[$0, default: 0]) })
        (throttled, reconnects) = (totals.counts.throttled, totals.counts.reconnects)
        let absent = units.filter { $0.isRead && $0.state != .connected }
        troubledCount = absent.count
        troubled = absent.prefix(StatusReport.mostTroubled).map { unit in
            StatusReport.Unit(
                address: "\(unit.address)", state: unit.state.rawValue,
                forSeconds: max(0, (now - unit.since).inSeconds.rounded()), why: unit.lastReason)
        }
    }
}
