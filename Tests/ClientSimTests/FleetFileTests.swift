import Foundation
import Settings
import TestSupport
import Testing

@testable import ClientSim

@Suite struct FleetFileTests {
    private func problems(_ yaml: String) throws -> [String] {
        let error = try #require(throws: SettingsError.self) { try FleetFile(yaml: yaml) }
        return error.problems.map(\.description)
    }

    @Test("the example is accepted")
    func example() throws {
        let fleet = try FleetFile(path: repositoryRoot.appending(path: "docs/examples/fleet.yaml").path)
        #expect(fleet.plans.map(\.name) == ["sensor-1", "sensor-2", "sensor-3", "old-sensor-1", "lamp-1", "lamp-2"])
        #expect(
            fleet.plans.map(\.address.description).prefix(4) == ["127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4"])
    }

    @Test("an unknown key, a missing one and a period of zero are named with path and line, all at once")
    func mistakes() throws {
        let found = try problems(
            """
            cohorts:
              - name: a
                kind: read
                addresses: 127.0.1.1
                period: 0s
                colour: red
              - kind: lamp
                addresses: 127.0.1.9
            """)
        #expect(found.contains { $0.hasPrefix("cohorts[0].period (line 5): must be from 10ms to 1d, not 0s") })
        #expect(found.contains { $0.hasPrefix("cohorts[0].colour (line 6): is not a key that is known here") })
        #expect(
            found.contains {
                $0.hasPrefix(#"cohorts[1].kind (line 7): must be one of "read", "updatable", not "lamp""#)
            })
        #expect(found.contains { $0.hasPrefix("cohorts[1].name") })
    }

    @Test("cohorts without addresses have the next ones from 127.0.1.1 on; one that is taken is named")
    func usualAddresses() throws {
        let fleet = try FleetFile(
            yaml: """
                cohorts:
                  - {name: a, kind: read, count: 2}
                  - {name: b, kind: read, addresses: 127.0.9.1}
                  - {name: c, kind: updatable, count: 300}
                  - {name: d, kind: updatable}
                """)
        let addresses = Dictionary(uniqueKeysWithValues: fleet.plans.map { ($0.name, "\($0.address)") })
        #expect(
            ["a-1", "a-2", "b-1", "c-1", "c-300", "d-1"].map { addresses[$0] } == [
                "127.0.1.1", "127.0.1.2", "127.0.9.1", "127.0.1.3", "127.0.2.46", "127.0.2.47",
            ])
        let found = try problems("cohorts: [{name: a, kind: read, addresses: 127.0.1.1}, {name: b, kind: read}]")
        #expect(found == ["cohorts[1].addresses: gives b-1 the address 127.0.1.1, which a-1 has already"])
    }

    @Test("an address that two units would have is refused")
    func duplicate() throws {
        let found = try problems(
            """
            cohorts:
              - {name: a, kind: read, addresses: 127.0.1.1, count: 3}
              - {name: b, kind: updatable, addresses: [127.0.1.3]}
            """)
        #expect(
            found == ["cohorts[1].addresses (line 3): gives b-1 the address 127.0.1.3, which a-3 has already"])
    }

    @Test("the schema names the keys that the reader knows")
    func schema() throws {
        let data = try Data(contentsOf: repositoryRoot.appending(path: "docs/fleet.schema.json"))
        let text = String(decoding: data, as: UTF8.self)
        #expect((try? JSONSerialization.jsonObject(with: data)) != nil)
        let cohort = "{name: a, kind: read, addresses: 127.0.1.1}"
        for document in [
            "cohorts: [{name: a, kind: read, addresses: 127.0.1.1, x: 1}]", "{cohorts: [\(cohort)], x: 1}",
            "{cohorts: [\(cohort)], arrival: {step: 1, x: 1}}",
            "{cohorts: [\(cohort)], timeline: [{at: 1s, fault: latency, x: 1}]}",
        ] {
            let unknown = try problems(document)
            let known = try #require(unknown.first?.split(separator: "known are: ").last)
            for key in known.split(separator: ", ") {
                #expect(text.contains("\"\(key)\""), "\(key)")
            }
        }
    }

    @Test("what is wrong with a timeline, an arrival or a jitter is named with its place")
    func badTimeline() throws {
        let found = try problems(
            """
            cohorts: [{name: a, kind: read, addresses: 127.0.1.1, jitter: 1s}]
            arrival: {linear: 1s, poisson: 4}
            timeline:
              - {at: 1s, fault: fire}
              - {fault: reset, for: 1s}
              - {at: 1s, fault: refuse, cohort: b}
              - {at: 1s, fault: refuse, unit: a-2}
              - {at: 1s, fault: refuse, share: 2}
              - {at: 1s, for: 5s, fault: refuse, every: 2s}
              - {at: 1s, fault: refuse, rate: 4}
            """)
        for (place, words) in [
            ("cohorts[0].jitter", "must be less than the period"), ("timeline[0].fault", "must be one of"),
            ("timeline[1].at", "is missing"), ("timeline[1].for", "does not go with reset"),
            ("timeline[2].cohort", "is not the name of a cohort"), ("timeline[3].unit", "is not the name of a unit"),
            ("timeline[4].share", "must be a number above 0"), ("timeline[5].every", "must be longer"),
            ("timeline[6].rate", "is not a key"),
        ] {
            #expect(found.contains { $0.hasPrefix(place) && $0.contains(words) }, "\(place): \(found)")
        }
    }

    @Test("what can only be a mistake is refused: no address, a unit's name written otherwise, a share of no unit")
    func mistakesOfMeaning() throws {
        let found = try problems(
            """
            cohorts:
              - {name: a, kind: read, addresses: [127.0.1.1]}
              - {name: a-1, kind: read, addresses: 127.0.2.1, count: 12}
            timeline:
              - {at: 1s, fault: refuse, unit: a-01}
              - {at: 1s, fault: refuse, unit: a-+1}
              - {at: 1s, fault: refuse, unit: a-1-13}
              - {at: 1s, fault: refuse, unit: a-1-12}
              - {at: 1s, fault: refuse, cohort: a-1, share: 0.04}
              - {at: 1s, fault: refuse, cohort: a-1, share: 0.05}
              - {at: 1s, fault: half-open, every: 1ms}
            """)
        #expect(
            found == [
                #"timeline[0].unit (line 5): is not the name of a unit: "a-01"; they are called COHORT-1, COHORT-2, …"#,
                #"timeline[1].unit (line 6): is not the name of a unit: "a-+1"; they are called COHORT-1, COHORT-2, …"#,
                #"timeline[2].unit (line 7): is not the name of a unit: "a-1-13"; they are called COHORT-1, COHORT-2, …"#,
                "timeline[4].share (line 9): is less than half a unit of 12, so that nothing would ever happen",
                "timeline[6].every (line 11): must be from 10ms to 365d, not 1ms",
            ])
        #expect(
            try problems("cohorts: [{name: a, kind: read, addresses: []}]") == [
                "cohorts[0].addresses (line 1): is empty; list at least one address, or leave it away"
            ])
    }

    @Test("a cohort that is wrong is named once, and not again by each event that is for it")
    func oneProblem() throws {
        let found = try problems(
            """
            cohorts: [{name: a, count: 2}]
            timeline:
              - {at: 1s, fault: refuse, cohort: a}
              - {at: 1s, fault: refuse, unit: a-2}
            """)
        #expect(found == ["cohorts[0].kind: is missing; write read or updatable"])
    }

    @Test("a cohort has its own arrival, or the fleet's; what is neither is named")
    func arrivals() throws {
        let fleet = try FleetFile(
            yaml: """
                arrival: {linear: 4s}
                cohorts:
                  - {name: a, kind: read, count: 2}
                  - {name: b, kind: read, count: 3, arrival: {step: 2, every: 5s, after: 1s}}
                  - {name: c, kind: read, count: 2}
                  - {name: d, kind: read, count: 2, arrival: {after: 30s}}
                """)
        var times = FleetArrivals(fleet)
        #expect(
            (0..<9).map { times.next(cohort: fleet.layout.cohort(of: $0)) }
                == [0, 1, 1, 1, 6, 2, 3, 30, 30].map { .seconds($0) })
        let random = try FleetFile(
            yaml: """
                cohorts:
                  - {name: a, kind: read, count: 2, arrival: {poisson: 10}}
                  - {name: b, kind: read, count: 2, arrival: {poisson: 10}}
                """)
        var scattered = FleetArrivals(random)
        let both = [0, 0, 1, 1].map { scattered.next(cohort: $0) }
        #expect(both[..<2] != both[2...])
        #expect(
            try problems("cohorts: [{name: a, kind: read, arrival: {linear: 1s, step: 2}}]") == [
                "cohorts[0].arrival: wants one of linear (a time), poisson (units a second) or step (units, with every), "
                    + "or after (a time) alone"
            ])
    }

    @Test(
        "the same signal and seed give the same readings, within the converter's range",
        arguments: ["uniform", "walk:20", "sine:60s"])
    func signals(notation: String) throws {
        func readings(_ seed: UInt64) throws -> [Int] {
            var generator = SignalGenerator(signal: try Signal(notation), seed: seed)
            return (0..<500).map { generator.next(at: .seconds($0)) }
        }
        let first = try readings(1)
        #expect(first == (try readings(1)))
        #expect(first.allSatisfy(Signal.range.contains))
        if !notation.hasPrefix("sine") { #expect(first != (try readings(2))) }
    }

    @Test("a CSV file may have a heading and blank lines; a line without a number in its last column is named")
    func csv() throws {
        try withTemporaryDirectory { (directory: URL) throws in
            let file = directory.appending(path: "values.csv")
            func signal(_ text: String) throws -> Signal {
                try text.write(to: file, atomically: true, encoding: .utf8)
                return try Signal("csv:\(file.path)")
            }
            #expect(try signal("time,value\n\n2023, 511\n  \n2024,512\n") == .replay([511, 512]))
            for (text, problem) in [
                ("2023,511\n2024,512,\n", SignalError.badLine(file.path, line: 2, text: "")),
                ("time,value\n2023,\n", .badLine(file.path, line: 2, text: "")),
                ("511\n\nhigh\n", .badLine(file.path, line: 3, text: "high")),
                ("time,value\n", .noValues(file.path)),
            ] {
                #expect(throws: problem) { try signal(text) }
            }
        }
    }

    @Test("a notation that is none is refused in words", arguments: ["", "noise", "constant:x", "sine:0s", "walk:0"])
    func badSignal(notation: String) {
        #expect(throws: SignalError.self) { try Signal(notation) }
    }
}
