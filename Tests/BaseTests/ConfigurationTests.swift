import Settings
import Testing
import UnitProtocol

@testable import Base

@Suite struct ConfigurationTests {
    private let original = """
        {"clients": ["192.168.1.20", "192.168.1.21"],
         "api": {"url": "https://dashboard.example.org", "token": "secret"},
         "pusher": {"app-key": "abc", "cluster": "eu", "auth": "/api/broadcasting/auth"}}
        """

    @Test("CF-001: the original file is read unchanged")
    func originalFile() throws {
        let configuration = try Configuration(json: original)
        #expect(configuration.clients.map(\.description) == ["192.168.1.20", "192.168.1.21"])
        #expect(configuration.api.url == "https://dashboard.example.org")
        #expect(configuration.api.token.exposed == "secret")
        #expect(configuration.pusher.host == "ws-eu.pusher.com")
        #expect(configuration.pusher.port == 443)
        #expect(configuration.pusher.tls)
        #expect(configuration.pusher.authPath == "/api/broadcasting/auth")
        #expect(configuration.commands.dwell == .milliseconds(300))
        #expect(configuration.warnings == [])
    }

    @Test("CF-002: what may be dialled is what is listed, and private networks unless others are named")
    func allowed() throws {
        func allows(_ configuration: Configuration, _ address: String) throws -> Bool {
            configuration.allowed.contains(try IPv4Address(address))
        }
        let usual = try Configuration(json: original)
        for (address, isAllowed) in [
            ("192.168.1.20", true), ("10.1.2.3", true), ("172.31.0.1", true), ("172.32.0.1", false), ("8.8.8.8", false),
            ("127.0.0.1", false), ("169.254.1.1", false), ("224.0.0.1", false), ("0.0.0.0", false),
            ("255.255.255.255", false),
        ] {
            #expect(try allows(usual, address) == isAllowed, "\(address)")
        }
        let wide = try Configuration(json: original.replacing(#""api""#, with: #""allow": ["0.0.0.0/0"], "api""#))
        #expect(try allows(wide, "8.8.8.8"))
        #expect(try !allows(wide, "127.0.0.1"))
        let loopback = try Configuration(
            json: original.replacing(#""api""#, with: #""allow": ["127.0.1.0/24"], "api""#))
        #expect(try allows(loopback, "127.0.1.7"))
        #expect(try !allows(loopback, "127.0.2.7"))
        #expect(try !allows(loopback, "10.1.2.3"))
    }

    @Test("CF-003: all mistakes are named at once, each with its path; the token is not repeated")
    func mistakes() throws {
        let text = """
            {"clients": ["192.168.1.20", "kitchen", 7], "allow": ["10.0.0.1/8"], "colour": 1,
             "api": {"url": "ftp://x", "token": "a secret"},
             "pusher": {"app-key": "a b", "port": 70000}, "units": {"period": "0s"}}
            """
        let error = try #require(throws: SettingsError.self) { try Configuration(json: text) }
        #expect(
            error.problems.map(\.description) == [
                #"clients[1]: "kitchen" is not an IPv4 address; write four numbers such as 192.168.1.20"#,
                "clients[2]: must be a string, not a whole number",
                #"allow[0]: "10.0.0.1/8" has bits set beyond its prefix; did you mean 10.0.0.0/8?"#,
                "api.url: must be an http or https address such as https://dashboard.example.org",
                "api.token: must be visible ASCII without spaces, as an HTTP header takes it",
                "pusher.app-key: must be letters, digits, - and _",
                "pusher.port: must be from 1 to 65535, not 70000",
                "pusher.cluster: is missing; write the app's cluster, or pusher.host",
                "units.period: must be from 10ms to 1d, not 0s",
                "colour: is not a key that is known here; known are: allow, api, clients, cluster, commands, discovery, live, operations, outbox, pusher, units, webhook",
            ])
        #expect(!error.description.contains("a secret"))
    }

    @Test(
        "CF-003: a key that is written twice and a number beyond all bounds are named with their paths, with the rest")
    func repeatedAndEndless() throws {
        let text = """
            {"clients": [], "api": {"url": "https://d.example", "token": "t", "token": "u"},
             "pusher": {"app-key": "k", "host": "127.0.0.1", "port": 1e400}, "clients": [], "colour": 1}
            """
        let error = try #require(throws: SettingsError.self) { try Configuration(json: text) }
        #expect(
            error.problems.map(\.description) == [
                "clients: is written twice; keep one", "api.token: is written twice; keep one",
                "pusher.port: must be a whole number from 1 to 65535, not a number",
                "colour: is not a key that is known here; known are: allow, api, clients, cluster, commands, discovery, live, operations, outbox, pusher, units, webhook",
            ])
    }

    @Test("CF-003: a broker's host is a name or an address alone; what else is written is told what would be right")
    func brokerHost() throws {
        for good in ["hub.lan", "localhost", "ws_1.example-2.org", "127.0.0.1", "::1", "fd00::7"] {
            #expect(try BrokerHost(good).text == good)
        }
        for (bad, error) in [
            ("hub.lan:8080", BrokerHostError.port(host: "hub.lan", port: "8080")), ("[::1]", .brackets("::1")),
            ("[::1]:8080", .brackets("::1")), ("a?b", .notAHost), ("", .notAHost), ("ws://hub.lan", .notAHost),
            ("hub lan", .notAHost), ("hub:", .notAHost), ("[hub]", .notAHost), ("me@hub", .notAHost),
        ] {
            #expect(throws: error) { try BrokerHost(bad) }
        }
        let text = original.replacing(#""cluster": "eu""#, with: #""host": "hub.lan:8080""#)
        let error = try #require(throws: SettingsError.self) { try Configuration(json: text) }
        #expect(
            error.description == "pusher.host: must be without the port: write hub.lan here and 8080 as pusher.port")
    }

    @Test("CF-004: without the new keys the values are those of the table; each key can be set")
    func newKeys() throws {
        let usual = try Configuration(json: original)
        #expect(usual.units.period == .seconds(1) && usual.units.idlePeriods == 5)
        #expect(usual.units.connectTimeout == .seconds(5) && usual.units.stagger == .seconds(1))
        #expect(usual.units.backoffMinimum == .milliseconds(500) && usual.units.backoffMaximum == .seconds(30))
        #expect(usual.units.silenceFactor == 5 && usual.units.silenceMinimum == .seconds(3))
        #expect(usual.units.keepaliveIdle == .seconds(10) && usual.units.keepaliveInterval == .seconds(5))
        #expect(usual.units.userTimeout == .seconds(20) && usual.units.startRate == 500)
        #expect(usual.units.lineRate == 1000 && usual.units.lineBurst == 2000 && usual.units.lineLimit == 256)
        #expect(usual.units.flaps.count == 10 && usual.units.flaps.window == .seconds(60))
        #expect(usual.units.flaps.probePeriod == .seconds(30) && usual.units.flaps.steadyTime == .seconds(30))
        #expect(usual.commands.dwell == .milliseconds(300) && usual.commands.queue == 16)
        #expect(usual.commands.timeout == .seconds(10))
        #expect(usual.webhook.timeout == .seconds(10) && usual.webhook.concurrency == 64)
        #expect(usual.webhook == WebhookSettings() && usual.outbox == OutboxConfiguration())
        let own = try Configuration(
            json: """
                {"clients": [], "allow": ["10.0.0.0/24"], "api": {"url": "https://d.example", "token": "t"},
                 "pusher": {"app-key": "k", "host": "127.0.0.1", "port": 8080},
                 "units": {"period": "2s", "idle-periods": 3, "connect-timeout": "1s", "backoff-min": "100ms",
                           "backoff-max": "5s", "stagger": "0s"},
                 "commands": {"dwell": "1s", "queue": 2, "timeout": "3s"},
                 "webhook": {"timeout": "4s", "concurrency": 5, "queue": 6, "order": "fresh-first", "backlog-rate": 7,
                             "newest-only": true, "breaker-failures": 8, "batch": 9},
                 "outbox": {"directory": "/var/lib/iot", "sync": "always", "at-limit": "block",
                            "maximum-bytes": 1048576, "maximum-age": "1h", "memory-records": 10, "dead-letter-bytes": 65536}}
                """)
        #expect(own.pusher.host == "127.0.0.1" && own.pusher.port == 8080 && !own.pusher.tls)
        #expect(own.units.period == .seconds(2) && own.units.idlePeriods == 3 && own.units.stagger == .zero)
        #expect(own.units.connectTimeout == .seconds(1) && own.units.backoffMinimum == .milliseconds(100))
        #expect(own.units.backoffMaximum == .seconds(5))
        #expect(own.commands.dwell == .seconds(1) && own.commands.queue == 2 && own.commands.timeout == .seconds(3))
        var webhook = WebhookSettings()
        (webhook.timeout, webhook.concurrency, webhook.order) = (.seconds(4), 5, .freshFirst)
        (webhook.backlogRate, webhook.coalesces, webhook.breakerFailures, webhook.batch) = (7, true, 8, 9)
        #expect(own.webhook == webhook)
        var outbox = OutboxConfiguration()
        (outbox.directory, outbox.settings.sync, outbox.settings.atLimit) = ("/var/lib/iot", .always, .block)
        (outbox.settings.maximumBytes, outbox.settings.segmentBytes) = (1 << 20, 1 << 17)
        (outbox.settings.maximumAge, outbox.settings.memoryRecords) = (.seconds(3600), 10)
        outbox.deadLetterBytes = 65_536
        #expect(own.outbox == outbox)
        #expect(
            own.warnings.map(\.description) == [
                "webhook.queue: has no effect any more: outbox.maximum-bytes says what may wait"
            ])
    }

    @Test("CF-004: the keys that keep bad units apart can be set, within their ranges")
    func unitFaults() throws {
        func units(_ keys: String) throws -> UnitSettings {
            try Configuration(json: original.replacing(#""api""#, with: #""units": {\#(keys)}, "api""#)).units
        }
        var expected = UnitSettings()
        (expected.silenceFactor, expected.silenceMinimum) = (7, .seconds(1))
        (expected.keepaliveIdle, expected.keepaliveInterval, expected.userTimeout) = (
            .seconds(2), .seconds(3), .seconds(4)
        )
        (expected.startRate, expected.lineRate, expected.lineBurst, expected.lineLimit) = (8, 9, 10, 11)
        (expected.flaps.count, expected.flaps.window) = (0, .seconds(12))
        (expected.flaps.probePeriod, expected.flaps.steadyTime) = (.seconds(13), .seconds(14))
        #expect(
            try units(
                #"""
                "silence-factor": 7, "silence-min": "1s", "keepalive-idle": "2s", "keepalive-interval": "3s",
                "user-timeout": "4s", "start-rate": 8, "rate": 9, "burst": 10, "line-limit": 11, "flap-count": 0,
                "flap-time": "12s", "probe-period": "13s", "steady-time": "14s"
                """#) == expected)
        let error = try #require(throws: SettingsError.self) {
            try units(
                #"""
                "silence-factor": 1, "silence-min": "1ms", "keepalive-idle": "2h", "keepalive-interval": "10ms",
                "user-timeout": "500ms", "start-rate": 0, "rate": 0, "burst": 0, "line-limit": 1025,
                "flap-count": -1, "flap-time": "0s", "probe-period": "0s", "steady-time": "2d"
                """#)
        }
        #expect(
            error.problems.map(\.description) == [
                "units.silence-factor: must be from 2 to 1000, not 1",
                "units.silence-min: must be from 10ms to 1d, not 1ms",
                "units.start-rate: must be from 1 to 100000, not 0",
                "units.keepalive-idle: must be from 1s to 1h, not 2h",
                "units.keepalive-interval: must be from 1s to 1h, not 10ms",
                "units.user-timeout: must be from 1s to 1h, not 500ms",
                "units.rate: must be from 1 to 1000000, not 0", "units.burst: must be from 1 to 1000000, not 0",
                "units.line-limit: must be from 8 to 1024, not 1025",
                "units.flap-count: must be from 0 to 1000, not -1",
                "units.flap-time: must be from 1s to 1d, not 0s",
                "units.probe-period: must be from 100ms to 1d, not 0s",
                "units.steady-time: must be from 100ms to 1d, not 2d",
            ])
    }
}
