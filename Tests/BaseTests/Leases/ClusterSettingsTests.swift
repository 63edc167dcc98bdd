import Settings
import Testing

@testable import Base

@Suite struct ClusterSettingsTests {
    private func configuration(_ cluster: String) throws -> Configuration {
        try Configuration(
            json: """
                {"clients": [], "api": {"url": "https://d.example", "token": "t"},
                 "pusher": {"app-key": "k", "cluster": "eu"}\(cluster)}
                """)
    }

    private func problems(_ cluster: String) -> [String] {
        let error = #expect(throws: SettingsError.self) { _ = try configuration(", \"cluster\": \(cluster)") }
        return error?.problems.map { "\($0.path): \($0.message)" } ?? []
    }

    @Test("CF-004: without the section a base is alone; with it the rest has usual values")
    func usual() throws {
        #expect(try configuration("").cluster == nil)
        let cluster = try #require(try configuration(#", "cluster": {"etcd": ["http://127.0.0.1:2379/"]}"#).cluster)
        #expect(cluster.etcd == ["http://127.0.0.1:2379"])
        #expect(cluster.prefix == "/iot-base")
        #expect(cluster.lease == .seconds(10))
        #expect(cluster.credentials == nil)
        let run = try #require(RunID("0123456789abcdef0123456789abcdef"))
        #expect(cluster.name(of: run).hasSuffix("-01234567"))
    }

    @Test("CF-004: all keys are read, and an address that is not encrypted is told")
    func own() throws {
        let own = try configuration(
            #"""
            , "cluster": {"etcd": ["https://etcd-1.example:2379", "http://10.0.0.9:2379"], "prefix": "/site/a", "name": "gw_1.a",
              "lease": "1m", "user": "base", "password": "p"}
            """#)
        let cluster = try #require(own.cluster)
        #expect(cluster.etcd == ["https://etcd-1.example:2379", "http://10.0.0.9:2379"])
        #expect([cluster.prefix, cluster.name] == ["/site/a", "gw_1.a"])
        #expect(cluster.lease == .seconds(60))
        #expect(cluster.credentials == EtcdCredentials(user: "base", password: Secret("p")))
        #expect(own.warnings.map(\.path) == ["cluster.etcd[1]"])
    }

    @Test("CF-003: mistakes are named, all at once, with what would be right")
    func mistakes() {
        let address = "must be the http or https address of a member of etcd alone, such as http://127.0.0.1:2379"
        #expect(
            problems(
                #"""
                {"etcd": ["127.0.0.1:2379", "http://u:p@a", "http://a/v3"], "prefix": "iot", "name": "a/b", "lease": "3.5s",
                 "user": "u"}
                """#) == [
                    "cluster.etcd[0]: \(address)", "cluster.etcd[1]: \(address)", "cluster.etcd[2]: \(address)",
                    "cluster.prefix: must begin with a slash, not end with one, and have letters, digits, -, _, . and / alone",
                    "cluster.name: must be 1 to 100 letters, digits, -, _ and .",
                    "cluster.lease: must be whole seconds, as etcd takes them, not 3500ms",
                    "cluster.password: is missing; user and password go together; write it, or name its file as "
                        + "cluster.password-file, or set IOT_ETCD_PASSWORD; where it is systemd's credential etcd-password, "
                        + "the service alone has it, and `iot base check --without-secrets` checks the rest",
                ])
        #expect(problems(#"{"lease": "1s"}"#).count == 2)
        #expect(
            problems(#"{"etcd": ["http://127.0.0.1:2379"], "password": "p"}"#) == [
                "cluster.user: is missing; there is a password in cluster.password, and they go together"
            ])
        #expect(problems(#"{"etcd": []}"#) == ["cluster.etcd: is empty; write at least one address"])
    }

    @Test("TLS that no address of etcd would use is a mistake; one that uses it is enough")
    func unusedTLS() throws {
        #expect(
            problems(#"{"etcd": ["http://127.0.0.1:2379", "http://127.0.0.2:2379"], "tls": {"ca-file": "ca.pem"}}"#)
                == [
                    "cluster.tls: is for https addresses, and cluster.etcd has none; write https there, or leave tls out"
                ])
        let mixed = try configuration(
            #", "cluster": {"etcd": ["http://127.0.0.1:2379", "https://etcd"], "tls": {"ca-file": "ca.pem"}}"#)
        #expect(mixed.cluster?.tls.authorityFile == "ca.pem")
    }
}
