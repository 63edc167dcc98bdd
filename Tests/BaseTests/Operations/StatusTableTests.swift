import Testing

@testable import Base

@Suite struct StatusTableTests {
    private var report: StatusReport {
        var report = StatusReport()
        (report.version, report.uptimeSeconds, report.isReady) = ("1.2", 100_000, true)
        (report.units.read, report.units.states, report.units.lines) = (3, ["connected": 2, "waiting": 1], 70)
        (report.units.malformed, report.units.reconnects) = (["empty": 2, "tooLong": 1], 4)
        report.units.troubled = [
            .init(address: "10.0.0.1", state: "waiting", forSeconds: 65, why: "refused\u{1B}[2J by the unit"),
            .init(address: "10.0.0.100", state: "quarantined", forSeconds: 5, why: nil),
        ]
        report.units.troubledCount = 5
        (report.deliveries.waiting, report.deliveries.oldestSeconds) = (8, 3700)
        report.deliveries.outboxBytes = 4096
        report.deliveries.results = ["accepted": 60, "failed": 2]
        report.deliveries.dropped = ["oldest": 0, "intake": 1]
        report.requests.channels = ["private-requests"]
        report.requests.results = ["acknowledged": 9]
        report.requests.latency = .init(count: 9, medianMilliseconds: 1.5, p99Milliseconds: 20)
        return report
    }

    @Test("all is aligned, and what others have said has no control over the terminal")
    func plain() {
        #expect(
            StatusTable(report, width: nil, isColoured: false).text == """
                base       ready, 1.2, up 1d 3h
                units      3 to read: 2 connected, 1 waiting
                lines      70 measurements, 3 malformed, 4 reconnects, 0 throttled
                queue      8 waiting, the oldest for 1h 1m, 4 KiB
                delivered  60 accepted, 2 failed
                dropped    1 intake
                broker     subscribed to private-requests
                commands   9 acknowledged, 0 requests not understood; half within 1.5 ms, 99 % within 20.0 ms

                unit        state        for    why
                10.0.0.1    waiting      1m 5s  refused?[2J by the unit
                10.0.0.100  quarantined  5s
                and 3 more

                """)
    }

    @Test("no line is wider than the terminal, and what is wrong is red there")
    func terminal() {
        var report = report
        report.isReady = false
        report.missing = ["broker: gone"]
        report.requests.missingSeconds = 3
        report.requests.trouble = "no route"
        let text = StatusTable(report, width: 30, isColoured: true).text
        #expect(
            text.split(separator: "\n").prefix(4) == [
                "base       \u{1B}[31mnot ready, 1.2, up…\u{1B}[0m", "missing    \u{1B}[31mbroker: gone\u{1B}[0m",
                "units      3 to read: 2 conne…", "lines      70 measurements, 3…",
            ])
        #expect(text.contains("\u{1B}[31mnot subscribed for…\u{1B}[0m"))
        #expect(text.contains("\n10.0.0.1    waiting      1m 5…\n"))
    }

    @Test("a token that is refused, dead letters and the share in a cluster have rows where there are any")
    func optional() {
        var report = report
        report.deliveries.unauthorized = "the dashboard answered 401"
        (report.deliveries.deadLetters, report.deliveries.deadLettersDropped) = (12, 0)
        report.ownership = .init(name: "gateway-1", held: 2)
        func rows(_ label: String) -> [String] {
            StatusTable(report, width: nil, isColoured: false).text.split(separator: "\n").map(String.init)
                .filter { $0.hasPrefix(label) }
        }
        #expect(rows("webhook") == ["webhook    the token is refused: the dashboard answered 401"])
        #expect(rows("refused") == ["refused    12 dead letters, which `iot base dead-letters list` shows"])
        #expect(rows("cluster") == ["cluster    gateway-1 holds 2 units"])
        report.deliveries.deadLettersDropped = 256
        report.ownership = .init(name: "gateway-1", missingSeconds: 70, trouble: "no etcd answers")
        #expect(
            rows("refused") == [
                "refused    12 dead letters, which `iot base dead-letters list` shows; 256 older ones were given up"
            ])
        #expect(rows("cluster") == ["cluster    gateway-1 has no lease for 1m 10s: no etcd answers"])
    }
}
