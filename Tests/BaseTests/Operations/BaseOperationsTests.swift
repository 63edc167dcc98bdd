import TestSupport
import Testing

/// `iot base run` as a process, asked how it fares; `iot base status` beside it.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseOperationsTests {
    private func findings(_ scenario: String) async throws -> [String] {
        try await Findings.of("base_operations.py", scenario)
    }

    @Test("Probes, metrics as Prometheus' own reader takes them, and the status for scripts and people")
    func endpoint() async throws {
        let families = [
            "broker_losses counter", "broker_subscribed gauge", "cluster_held_units gauge",
            "cluster_lease_missing_seconds gauge", "command_seconds histogram", "commands counter",
            "dead_letters gauge", "dead_letters_dropped counter",
            "deliveries counter", "delivery_seconds histogram", "info gauge", "malformed_lines counter",
            "measurements_coalesced counter", "measurements_dropped counter", "outbox_degraded gauge",
            "outbox_troubles counter",
            "queue_age_seconds gauge", "queue_bytes gauge", "queue_measurements gauge",
            "queue_memory_measurements gauge", "ready gauge", "reloads counter", "requests_refused counter",
            "results counter",
            "unit_bytes counter", "unit_lines counter", "unit_reconnects counter", "unit_throttles counter",
            "units gauge", "uptime_seconds gauge", "webhook_breaker_open gauge", "webhook_failing_seconds gauge",
            "webhook_requests gauge", "webhook_unauthorized gauge",
        ]
        #expect(
            try await findings("endpoint") == [
                "alive: [200 | application/json | {\"live\":true,\"missing\":[]}\n]",
                "not ready without the broker: [503 | {\"missing\":[\"broker: private-requests]",
                "ready: [200 | application/json | {\"missing\":[],\"ready\":true}\n]",
                "families: [\(families.map { "iot_base_" + $0 }.joined(separator: " | "))]", "all are explained: true",
                "label names: [le | reason | result | state | version]", "lines: 4", "malformed: [1 | 1 | 0]",
                "connected: 2", "delivery times: [4 | [4]]",
                "the text's kind: text/plain; version=0.0.4; charset=utf-8", "other questions: [404 | 405 | 200]",
                "HEAD: [200 | application/json | ]", "commands: [1 | 1 | 0]", "refused: 1",
                "status as JSON: [0 | 4 | 127.78.90.3]",
                "status for people: [0 | [base | units | lines | queue | delivered | broker | commands |  | unit | "
                    + "127.78.90.3] | false]", "exit code: 0",
                "status of nothing: [3 |  | Error: no base answers on 127.0.0.1:PORT]",
            ])
    }

    @Test("A dashboard that answers nothing makes the base not ready, a broker that is not needed does not")
    func failing() async throws {
        #expect(
            try await findings("failing") == [
                "ready without the broker: 200", "what is missing: webhook: no", "failures are counted: true",
                "waiting: 1", "ready when the dashboard answers: true", "exit code: 0",
            ])
    }

    @Test("A dashboard that refuses the token is told as such: in the log, to probes, in metrics and in the status")
    func unauthorized() async throws {
        #expect(
            try await findings("unauthorized") == [
                "what is missing: [webhook: the token is refused: the dashboard answered 401 Unauthorized: no such token]",
                "told: [1 | 1 | 3]", "status: [refused | webhook]",
                "ready with dead letters, which are counted: [200 | 3]", "told again: 1",
                "all that was refused is delivered: [1 | 2 | 3 | 4]", "exit code: 0",
            ])
    }

    @Test("A base that shares its units is not ready while no etcd answers")
    func alone() async throws {
        #expect(
            try await findings("alone") == [
                "what is missing: cluster: no lease for", "metrics: [0 | true]", "exit code: 0",
            ])
    }

    @Test("A place that another program has is an error where it is written; the usual one is done without")
    func taken() async throws {
        #expect(
            try await findings("taken") == [
                "a place that is written and taken: [1 | 1 | ]", "the usual place, taken: 0",
                "status without a configuration: true",
                "status with a configuration that is spoilt: [0 | true | 2]", "off: [[] | 0]",
                "status where it is off: [1 | Error: operations.listen is \"off\": a base with this configuration tells "
                    + "nothing\n]",
            ])
    }

    @Test("`iot base status` says who is not there, refuses what is no report, and waits for nothing that drips")
    func strangers() async throws {
        let nobody = "nobody: [3 |  | Error: no base answers on 127.0.0.1:PORT | true]"
        let other = "Error: what answers on 127.0.0.1:PORT is no base that runs: status"
        let remedy = "name the base's configuration with --config"
        let each = [
            nobody,
            "garbage: [1 |  | \(other) 200, \"?[31mhello?\(String(repeating: "x", count: 89))…\"; \(remedy)]",
            "other JSON: [1 |  | \(other) 200, \"{\"a\":1}\"; \(remedy)]",
            "a base that ends: [1 |  | \(other) 503, \"{\"missing\":[\"the base has ended\"],\"ready\":false}?\"; \(remedy)]",
        ]
        #expect(
            try await findings("strangers") == each + each + [
                "a body that drips: [1 |  | Error: what listens on 127.0.0.1:PORT has not answered within 10 s: a base that "
                    + "stands still, whose log says why, or another program; \(remedy) | true]"
            ])
    }

    @Test("The outbox's folder removed under a base: an alarm, and the next run delivers what waited")
    func vanished() async throws {
        #expect(
            try await findings("vanished") == [
                "it is counted: true", "what waited is delivered by the next run: [1 | 2 | 3]", "exit code: 0",
            ])
    }

    @Test("Connections that ask nothing, more than there may be, keep no probe out and are closed soon")
    func crowd() async throws {
        #expect(
            try await findings("crowd") == [
                "alive beside 40 connections that ask nothing: [200 | 200 | 200]",
                "alive beside 16 connections that ask again and again and read nothing: [200 | 200 | 200]",
                "one that drips is closed: true",
                "all others are closed: true", "exit code: 0",
            ])
    }

    @Test(
        "A changed file or SIGHUP adds and removes units, and the others keep their connections; a bad file changes nothing"
    )
    func reload() async throws {
        #expect(
            try await Findings.of("base_reload.py", "reload") == [
                "a file that is replaced: failed=0 | needRestart=[] | succeeded=1",
                "a bad file: FILE: the document: is not JSON: line 1, column 41: the string does not end",
                "all that is wrong: [FILE: clients[0]: \"kitchen\" is not an IPv4 address; write four numbers such as "
                    + "192.168.1.20 | FILE: webhook.batch: must be from 1 to 10000, not 0]",
                "what needs a restart: failed=2 | needRestart=[pusher | webhook] | succeeded=2",
                "what may be sent requests changes: true", "connections: [1 | 1 | 1 | 1]", "exit code: 0",
                "the unit that stayed lost no line: true",
            ])
    }

    @Test("The log as JSON, repeats counted, with the journal's priorities where stderr is its stream")
    func logs() async throws {
        #expect(
            try await Findings.of("base_reload.py", "logs") == [
                "exit code: 0", "all are of the base: true",
                "the same is told once, and how often: [8.8.8.8 | 8.8.4.4 | 8.8.4.4 x 1 | 8.8.8.8 x 19]",
                "exit code: 0", "priorities: [<5> base.started | <5> base.stopped]",
            ])
    }
}

/// `iot base run` with a dashboard and a broker that speak TLS.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct BaseTLSTests {
    private static func expected(_ success: String) -> [String] {
        [
            "a further authority, the right pin among two: \(success)",
            "a client certificate that is asked for: \(success)",
        ]
            + [
                "an unknown authority", "another authority", "the wrong host", "a pin of an unknown authority",
                "the wrong pin", "no client certificate", "TLS 1.1",
            ].map { "\($0): [0 | true]" }
    }

    @Test("The dashboard is spoken to only where authority, name, key and version are right")
    func webhook() async throws {
        #expect(try await Findings.of("base_tls.py", "webhook") == Self.expected("delivered"))
    }

    @Test("The broker is spoken to only where authority, name, key and version are right")
    func broker() async throws {
        #expect(try await Findings.of("base_tls.py", "broker") == Self.expected("subscribed"))
    }
}
