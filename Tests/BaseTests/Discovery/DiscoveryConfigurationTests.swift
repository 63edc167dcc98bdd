import Settings
import Testing
import UnitProtocol

@testable import Base

@Suite struct DiscoveryConfigurationTests {
    private func configuration(_ section: String, allow: String = "") throws -> Configuration {
        try Configuration(
            json: """
                {"clients": [], "api": {"url": "https://d.example", "token": "t"}, \(allow)
                 "pusher": {"app-key": "k", "cluster": "eu"}\(section)}
                """)
    }

    private func problem(_ discovery: String, allow: String = "") -> String? {
        let error = #expect(throws: SettingsError.self) {
            _ = try configuration(#", "discovery": \#(discovery)"#, allow: allow)
        }
        return error?.problems.map { "\($0.path): \($0.message)" }.joined(separator: "; ")
    }

    @Test("CF-004: without the section nothing is looked for; with it the usual rates hold")
    func usual() throws {
        #expect(try configuration("").discovery == nil)
        let usual = try #require(try configuration(#", "discovery": {"sweep": ["192.168.1.0/24"]}"#).discovery)
        #expect(usual.networks.map(\.description) == ["192.168.1.0/24"])
        #expect(usual.rate == 20)
        #expect(usual.period == .seconds(3600))
        #expect(usual.timeout == .seconds(2))
        #expect(usual.listening == .milliseconds(2500))
        #expect(!usual.usesMulticastDNS)
        #expect(usual.interface == nil)
    }

    @Test("CF-004: all keys are read, and a network of allow may be swept though it is no private one")
    func own() throws {
        let own = try #require(
            try configuration(
                #"""
                , "discovery": {"sweep": ["127.79.0.0/24", "10.1.0.0/31"], "rate": 1000, "every": "7d", "timeout": "1s",
                    "listen": "0s", "mdns": true, "interface": "10.1.0.9"}
                """#, allow: #""allow": ["127.79.0.0/16"],"#
            ).discovery)
        #expect(own.networks.map(\.description) == ["127.79.0.0/24", "10.1.0.0/31"])
        #expect(own.rate == 1000)
        #expect(own.period == .seconds(7 * 86_400))
        #expect(own.timeout == .seconds(1))
        #expect(own.listening == .zero)
        #expect(own.usesMulticastDNS)
        #expect(own.interface == (try IPv4Address("10.1.0.9")))
    }

    @Test("CF-003: what is swept must be allowed, and not too much")
    func networks() {
        let foreign =
            "lies neither in a network of allow nor in a private one (10/8, 172.16/12, 192.168/16); "
            + "loopback and link-local ones must be written in allow"
        #expect(problem(#"{"sweep": ["8.8.8.0/24"]}"#) == "discovery.sweep[0]: 8.8.8.0/24 \(foreign)")
        #expect(problem(#"{"sweep": ["172.15.0.0/16"]}"#) == "discovery.sweep[0]: 172.15.0.0/16 \(foreign)")
        #expect(problem(#"{"sweep": ["127.0.0.0/24"]}"#) == "discovery.sweep[0]: 127.0.0.0/24 \(foreign)")
        #expect(
            problem(#"{"sweep": ["127.0.0.0/24"]}"#, allow: #""allow": ["0.0.0.0/0"],"#)
                == "discovery.sweep[0]: 127.0.0.0/24 \(foreign)")
        #expect(
            problem(#"{"sweep": ["10.0.0.0/15"]}"#)
                == "discovery.sweep[0]: 10.0.0.0/15 has more than 65536 addresses; at most a /16 is swept")
        #expect(
            problem(#"{"sweep": ["10.0.0.0/16", "10.1.0.0/32"]}"#)
                == "discovery.sweep: names 65537 addresses; at most 65536 are swept")
        #expect(problem(#"{"sweep": []}"#) == "discovery.sweep: is empty; name a network, or leave it out")
    }

    @Test(
        "CF-003: a base of a cluster sweeps nothing, as it would dial what another one holds; multicast DNS dials nobody"
    )
    func cluster() throws {
        let cluster = #", "cluster": {"etcd": ["http://127.0.0.1:2379"]}"#
        let error = #expect(throws: SettingsError.self) {
            _ = try configuration(#", "discovery": {"sweep": ["10.0.0.0/24"], "mdns": true}"# + cluster)
        }
        #expect(
            error?.problems.map { "\($0.path): \($0.message)" } == [
                "discovery.sweep: cannot go together with cluster: two bases could be connected to one unit; leave sweep "
                    + #"out, "mdns": true may stay, or sweep with a base that is in no cluster and has no units in common with it"#
            ])
        #expect(try configuration(#", "discovery": {"mdns": true}"# + cluster).discovery?.usesMulticastDNS == true)
    }

    @Test("CF-003: a section that names nowhere to look, and an interface without multicast DNS, are mistakes")
    func mistakes() {
        #expect(
            problem("{}")
                == #"discovery: names nowhere to look; write sweep, or "mdns": true, or leave the section out"#)
        #expect(
            problem(#"{"sweep": ["10.0.0.0/24"], "interface": "10.0.0.1"}"#)
                == #"discovery.interface: is for multicast DNS; write "mdns": true, or leave it out"#)
        #expect(
            problem(#"{"mdns": true, "interface": "224.0.0.1"}"#)
                == "discovery.interface: 224.0.0.1 is no address of an interface")
        #expect(problem(#"{"mdns": true, "rate": 0}"#) == "discovery.rate: must be from 1 to 1000, not 0")
        #expect(problem(#"{"mdns": true, "every": "59s"}"#) == "discovery.every: must be from 1m to 7d, not 59s")
    }
}
