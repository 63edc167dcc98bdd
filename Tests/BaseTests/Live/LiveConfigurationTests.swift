import Settings
import Testing
import UnitProtocol

@testable import Base

struct LiveConfigurationTests {
    private func configuration(_ live: String) throws -> Configuration {
        try Configuration(
            json: """
                {"clients": ["192.168.1.20", "192.168.1.21"], "api": {"url": "https://d.example.org", "token": "t"},
                 "pusher": {"app-key": "k", "cluster": "eu"}\(live)}
                """)
    }

    @Test("without the section nothing streams; an empty one streams all that is read")
    func usual() throws {
        #expect(try configuration("").live == nil)
        #expect(try configuration(#", "live": {}"#).live == LiveSettings())
    }

    @Test("each key can be set")
    func keys() throws {
        let live = try #require(
            try configuration(
                """
                , "live": {"units": ["192.168.1.21"], "host": "192.168.1.2", "port": 9000, "addresses": ["203.0.113.1"],
                 "stun": "stun.example.org:3478"}
                """
            ).live)
        #expect(live.units == [try IPv4Address("192.168.1.21")])
        #expect(live.peers.host == "192.168.1.2" && live.peers.port == 9000)
        #expect(live.peers.addresses == ["203.0.113.1"] && live.peers.stunServer == "stun.example.org:3478")
    }

    @Test(
        "what is wrong is named with its path",
        arguments: [
            (#"{"units": []}"#, "live.units: is empty; name read units, or leave it out for all of them"),
            (
                #"{"units": ["192.168.1.20", "192.168.1.30"]}"#,
                "live.units[1]: 192.168.1.30 is not among clients, so nothing is read from it"
            ),
            (#"{"port": 65536}"#, "live.port: must be from 0 to 65535, not 65536"),
            (#"{"stun": "stun.example.org"}"#, "live.stun: must be a host and a port, such as stun.example.org:3478"),
            (
                #"{"port2": 1}"#,
                "live.port2: is not a key that is known here; known are: addresses, host, port, stun, units"
            ),
        ])
    func wrong(text: String, message: String) throws {
        let error = try #require(throws: SettingsError.self) { try configuration(#", "live": "# + text) }
        #expect(error.description == message)
    }

    @Test(
        "a measurement's number is what it begins with",
        arguments: [
            ("512", 512.0), ("-21.5 C", -21.5), ("+3", 3), (".5 V", 0.5), ("1e3", 1000), ("0x10", nil), ("nan", nil),
            ("inf", nil), ("dark", nil), ("", nil), ("21,5", nil), ("21.5C", nil), ("1e999", nil),
        ] as [(String, Double?)])
    func numbers(text: String, number: Double?) {
        #expect(LiveUnit.number(text) == number)
    }
}
