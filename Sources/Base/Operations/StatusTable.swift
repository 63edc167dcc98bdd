import TerminalText

/// A ``StatusReport`` for people.
struct StatusTable {
    private let report: StatusReport
    /// Columns of the terminal; nil: lines are never cut.
    private let width: Int?
    private let isColoured: Bool

    private enum Colour: String {
        case good = "\u{1B}[32m"
        case bad = "\u{1B}[31m"
        case plain = ""
    }

    init(_ report: StatusReport, width: Int?, isColoured: Bool) {
        self.report = report
        self.width = width
        self.isColoured = isColoured
    }

    var text: String {
        var rows: [(label: String, value: String, colour: Colour)] = [
            (
                "base",
                "\(report.isReady ? "ready" : "not ready"), \(report.version), up \(Self.time(report.uptimeSeconds))",
                report.isReady ? .good : .bad
            )
        ]
        rows += report.missing.map { ("missing", $0, .bad) }
        if let problem = report.configuration.problem { rows.append(("file", "not applied: \(problem)", .bad)) }
        if !report.configuration.needRestart.isEmpty {
            let sections = report.configuration.needRestart.joined(separator: ", ")
            rows.append(("file", "changed, and needs a restart: \(sections)", .bad))
        }
        rows += ownershipRows + unitRows + deliveryRows + requestRows
        let indent = (rows.map(\.label.count).max() ?? 0) + 2
        var lines = rows.map { row in
            let label = row.label + String(repeating: " ", count: indent - row.label.count)
            return label + painted(row.value.printable.cut(to: (width ?? .max) - indent), row.colour)
        }
        lines += troubledLines
        return lines.joined(separator: "\n") + "\n"
    }

    private var unitRows: [(String, String, Colour)] {
        let units = report.units
        let order: [UnitStatus.State] = [.connected, .connecting, .waiting, .quarantined, .idle]
        let states = order.map(\.rawValue).compactMap { state in
            units.states[state].flatMap { $0 > 0 ? "\($0) \(state)" : nil }
        }
        return [
            ("units", "\(units.read) to read: \(states.isEmpty ? "none" : states.joined(separator: ", "))", .plain),
            (
                "lines",
                "\(units.lines) measurements, \(units.malformed.values.reduce(0, +)) malformed, "
                    + "\(units.reconnects) reconnects, \(units.throttled) throttled", .plain
            ),
        ]
    }

    /// Where units are shared with other bases.
    private var ownershipRows: [(String, String, Colour)] {
        guard let ownership = report.ownership else { return [] }
        guard let seconds = ownership.missingSeconds else {
            return [("cluster", "\(ownership.name) holds \(ownership.held) units", .good)]
        }
        return [
            (
                "cluster",
                "\(ownership.name) has no lease for \(Self.time(seconds))"
                    + (ownership.trouble.map { ": \($0)" } ?? ""),
                .bad
            )
        ]
    }

    private var deliveryRows: [(String, String, Colour)] {
        let deliveries = report.deliveries
        var rows: [(String, String, Colour)] = [
            (
                "queue",
                "\(deliveries.waiting) waiting"
                    + (deliveries.oldestSeconds.map { ", the oldest for \(Self.time($0))" } ?? "")
                    + ", \(deliveries.outboxBytes / 1024) KiB", .plain
            ),
            ("delivered", Self.counts(deliveries.results) + Self.latency(deliveries.latency), .plain),
        ]
        let dropped = deliveries.dropped.filter { $0.value > 0 }
        if !dropped.isEmpty { rows.append(("dropped", Self.counts(dropped), .bad)) }
        if let seconds = deliveries.failingSeconds {
            rows.append(("webhook", "failing for \(Self.time(seconds)): \(deliveries.failure ?? "")", .bad))
        }
        if let answer = deliveries.unauthorized { rows.append(("webhook", "the token is refused: \(answer)", .bad)) }
        if let letters = deliveries.deadLetters, letters > 0 {
            let dropped = deliveries.deadLettersDropped ?? 0
            rows.append(
                (
                    "refused",
                    "\(letters) dead letters, which `iot base dead-letters list` shows"
                        + (dropped > 0 ? "; \(dropped) older ones were given up" : ""), .bad
                ))
        }
        if let reason = deliveries.degraded { rows.append(("outbox", "in memory alone: \(reason)", .bad)) }
        return rows
    }

    private var requestRows: [(String, String, Colour)] {
        let requests = report.requests
        let broker: (String, String, Colour)
        if let seconds = requests.missingSeconds {
            broker = (
                "broker", "not subscribed for \(Self.time(seconds))" + (requests.trouble.map { ": \($0)" } ?? ""), .bad
            )
        } else {
            broker = ("broker", "subscribed to \(requests.channels.joined(separator: ", "))", .good)
        }
        let refused = requests.refused.values.reduce(0, +)
        return [
            broker,
            (
                "commands",
                Self.counts(requests.results) + ", \(refused) requests not understood" + Self.latency(requests.latency),
                .plain
            ),
        ]
    }

    /// A table of the units that are missed.
    private var troubledLines: [String] {
        let units = report.units.troubled
        guard !units.isEmpty else { return [] }
        let table = TextTable(
            ["unit", "state", "for", "why"],
            units.map { [$0.address, $0.state, Self.time($0.forSeconds), $0.why ?? ""] })
        var lines = table.text.split(separator: "\n").map { String($0).cut(to: width ?? .max) }
        if report.units.troubledCount > units.count {
            lines.append("and \(report.units.troubledCount - units.count) more")
        }
        return [""] + lines
    }

    private func painted(_ text: String, _ colour: Colour) -> String {
        isColoured && colour != .plain ? "\(colour.rawValue)\(text)\u{1B}[0m" : text
    }

    private static func counts(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    private static func latency(_ latency: StatusReport.Latency) -> String {
        guard let median = latency.medianMilliseconds, let p99 = latency.p99Milliseconds else { return "" }
        return "; half within \(median) ms, 99 % within \(p99) ms"
    }

    /// `42s`, `3m 20s`, `5h 12m`, `12d 4h`.
    static func time(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 1e12)))
        return switch whole {
        case ..<60: "\(whole)s"
        case ..<3600: "\(whole / 60)m \(whole % 60)s"
        case ..<86_400: "\(whole / 3600)h \(whole % 3600 / 60)m"
        default: "\(whole / 86_400)d \(whole % 86_400 / 3600)h"
        }
    }
}
