import Settings
import Testing

@testable import Base

@Suite struct ReadinessTests {
    @Test("a part that does not answer is late after the bound, asked once, and back when it answers")
    func liveness() {
        var liveness = Liveness(parts: ["a", "b"])
        #expect(liveness.beat(at: .zero) == [0, 1])
        liveness.answered(0)
        #expect(liveness.beat(at: .seconds(1)) == [0])
        liveness.answered(0)
        #expect(liveness.late(at: .seconds(5)) == [])
        #expect(liveness.late(at: .milliseconds(5001)) == ["b has not answered for 5 s"])
        #expect(liveness.beat(at: .seconds(6)) == [0])
        liveness.answered(1)
        #expect(liveness.late(at: .seconds(7)) == [])
    }

    @Test("a base is ready while the broker is heard and the dashboard answers, as far as the settings ask for it")
    func readiness() {
        var standing = BrokerStanding(wanted: ["x", "y"], since: .zero)
        var report = StatusReport()
        func missing(_ change: (inout OperationsSettings) -> Void = { _ in }) -> [String] {
            report.requests = StatusReport.Requests(RequestStatistics(), standing, at: .seconds(9))
            var settings = OperationsSettings()
            change(&settings)
            return report.whatIsMissing(settings)
        }
        #expect(missing() == ["broker: x, y not subscribed for 9 s"])
        #expect(missing { $0.needsBroker = false } == [])
        standing.subscribed("x")
        #expect(missing() == ["broker: y not subscribed for 9 s"])
        standing.subscribed("y")
        #expect(missing() == [])
        standing.lost("gone", at: .seconds(5))
        standing.lost("still gone", at: .seconds(6))
        #expect(missing() == ["broker: x, y not subscribed for 4 s: still gone"])
        #expect(standing.losses == 2)
        report.deliveries.failingSeconds = 60
        report.deliveries.failure = "500"
        #expect(missing { $0.needsBroker = false } == [])
        #expect(
            missing {
                $0.needsBroker = false
                $0.failingLimit = .seconds(59)
            } == ["webhook: no answer for 60 s: 500"])
    }

    @Test("a base whose token is refused, or that can hold no unit among others, is not ready")
    func refused() {
        var report = StatusReport()
        report.deliveries.unauthorized = "the dashboard answered 401 Unauthorized"
        report.ownership = .init(name: "a", held: 2)
        let webhook = "webhook: the token is refused: the dashboard answered 401 Unauthorized"
        #expect(report.whatIsMissing(OperationsSettings()) == [webhook])
        report.ownership = .init(name: "a", missingSeconds: 7, trouble: "no etcd")
        #expect(report.whatIsMissing(OperationsSettings()) == [webhook, "cluster: no lease for 7 s: no etcd"])
    }

    private func operations(_ keys: String) throws -> OperationsSettings {
        try Configuration(
            json: """
                {"clients": [], "api": {"url": "https://d.example", "token": "t"}, "operations": {\(keys)},
                 "pusher": {"app-key": "k", "cluster": "eu"}}
                """
        ).operations
    }

    @Test("the place is one of this machine unless others are allowed; each mistake is named")
    func settings() throws {
        #expect(try operations("") == OperationsSettings())
        #expect(OperationsSettings().listen?.description == "127.0.0.1:28888")
        #expect(try operations(#""listen": "[::1]:9""#).listen == .init(host: "::1", port: 9))
        #expect(try operations(#""listen": "off""#).listen == nil)
        #expect(try operations(#""listen": "10.0.0.1:9", "remote": true"#).listen == .init(host: "10.0.0.1", port: 9))
        let loopback =
            "operations.listen: must be a loopback address such as 127.0.0.1:28888; \"remote\": true allows others, who "
            + "then may read it without a password"
        let form = "operations.listen: must be \"off\", or an address and a port such as 127.0.0.1:28888"
        for (listen, problem) in [
            ("10.0.0.1:9", loopback), ("0.0.0.0:9", loopback), ("[::]:9", loopback), ("localhost:9", form),
            ("127.0.0.1", form), ("127.0.0.1:0", form), ("::1:9", form), ("[127.0.0.1]:9", form), ("", form),
        ] {
            let error = try #require(throws: SettingsError.self) { try operations(#""listen": "\#(listen)""#) }
            #expect(error.description == problem)
        }
    }
}
