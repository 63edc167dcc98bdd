import Foundation
import Testing
import UnitProtocol

@testable import Up

@Suite struct SystemPlanTests {
    private func plan() throws -> SystemPlan {
        try SystemPlan(count: UnitCount(read: 2, updatable: 1), firstAddress: IPv4Address("127.0.1.255"))
    }

    @Test("read units come first, then lamps, on consecutive addresses")
    func units() throws {
        #expect(
            try plan().units == [
                .init(name: "daylight-1", address: try IPv4Address("127.0.1.255"), kind: .read),
                .init(name: "drift-1", address: try IPv4Address("127.0.2.0"), kind: .read),
                .init(name: "lamp-1", address: try IPv4Address("127.0.2.1"), kind: .updatable),
            ])
    }

    @Test("the fleet file gives each read unit a signal and each unit its name")
    func fleetFile() throws {
        let plan = try SystemPlan(count: UnitCount(read: 5, updatable: 2), firstAddress: IPv4Address("127.0.1.1"))
        #expect(
            plan.units.map(\.name) == ["daylight-1", "drift-1", "noise-1", "swing-1", "daylight-2", "lamp-1", "lamp-2"])
        #expect(
            plan.fleetFile == """
                cohorts:
                  - name: daylight
                    kind: read
                    addresses: [127.0.1.1, 127.0.1.5]
                    signal: sine:60s
                    seed: 1
                  - name: drift
                    kind: read
                    addresses: [127.0.1.2]
                    signal: walk:20
                    seed: 2
                  - name: noise
                    kind: read
                    addresses: [127.0.1.3]
                    signal: uniform
                    seed: 3
                  - name: swing
                    kind: read
                    addresses: [127.0.1.4]
                    signal: sine:15s
                    seed: 4
                  - name: lamp
                    kind: updatable
                    addresses: [127.0.1.6, 127.0.1.7]

                """)
    }

    @Test("addresses that run out are an error that names the option")
    func addressesRunOut() throws {
        #expect(try UpCommand.parse(["--units", "1+0", "--units-from", "127.255.255.254"]).units.read == 1)
        let error = try #require(throws: (any Error).self) {
            try UpCommand.parse(["--units", "1+1", "--units-from", "127.255.255.254"])
        }
        #expect(
            UpCommand.message(for: error)
                == "there are not enough loopback addresses from 127.255.255.254 on; choose an earlier one with "
                + "--units-from")
    }

    @Test("the base is given the original configuration's keys, the hub, and nothing more to dial than the units")
    func baseConfiguration() throws {
        let hub = try HubAddress(url: "http://127.0.0.1:9000")
        let written = try plan().baseConfiguration(hub: hub, appKey: "k", token: "t", outbox: "/s/outbox")
        #expect(
            String(decoding: written, as: UTF8.self) == """
                {
                  "allow" : [
                    "127.0.1.255/32",
                    "127.0.2.0/32",
                    "127.0.2.1/32"
                  ],
                  "api" : {
                    "token" : "t",
                    "url" : "http://127.0.0.1:9000"
                  },
                  "clients" : [
                    "127.0.1.255",
                    "127.0.2.0"
                  ],
                  "outbox" : {
                    "directory" : "/s/outbox"
                  },
                  "pusher" : {
                    "app-key" : "k",
                    "cluster" : "local",
                    "host" : "127.0.0.1",
                    "port" : 9000,
                    "tls" : false
                  }
                }
                """)
    }

    @Test("a URL without a port is no address of a hub", arguments: ["", "http://127.0.0.1", "nonsense"])
    func hubAddress(url: String) {
        #expect(throws: UpError.unexpectedReadyLine("hub", url)) { try HubAddress(url: url) }
    }
}
