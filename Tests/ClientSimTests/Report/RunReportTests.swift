import Foundation
import JUnit
import Testing

@testable import ClientSim

@Suite struct RunReportTests {
    private func report(_ shard: String, silent: Int = 0) throws -> RunReport {
        let fleet = try FleetFile(
            yaml: """
                cohorts: [{name: u, kind: read, count: 4, signal: counter}, {name: v, kind: read}]
                timeline:
                  - {at: 1s, fault: refuse, unit: u-1}
                  - {at: 2s, fault: reset}
                  - {at: 9s, fault: garbage}
                """)
        var snapshot = FleetSnapshot()
        snapshot.at = .seconds(5)
        (snapshot.workers, snapshot.silentWorkers) = (3, silent)
        snapshot.counts.faults = ["reset": 1]
        return RunReport(
            fleet: fleet, path: "f", shard: try #require(Shard(shard)), snapshot: snapshot,
            measured: [0: MeasuredLines(own: 7), 1: MeasuredLines(own: 5, other: 2)], ended: Date())
    }

    @Test("a fault is missed where a unit of this part was to have it, and by nobody else")
    func missed() throws {
        #expect(try report("1/1").missedFaults == ["refuse"])
        #expect(try report("1/2").missedFaults == ["refuse"])
        #expect(try report("2/2").missedFaults == [])
    }

    @Test("all units of the part are named, with what they have measured if they count")
    func units() throws {
        #expect(
            try report("2/2").units == [
                .init(name: "u-2", ip: "127.0.1.2", measured: 5, other: 2), .init(name: "u-4", ip: "127.0.1.4"),
            ])
    }

    @Test("workers that have not answered are a test that failed")
    func silence() throws {
        let wrong = try report("2/2", silent: 2).cases.map(\.outcome).filter { $0 != .passed() }
        #expect(wrong == [.wrong(JUnitCase.Problem("2 of 3 have not; their units are missing here"))])
        #expect(try report("2/2").cases.allSatisfy { $0.outcome == .passed() })
    }
}
