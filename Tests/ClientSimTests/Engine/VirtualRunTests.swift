import Foundation
import TestSupport
import Testing

@testable import ClientSim

@Suite struct VirtualRunTests {
    private func lines(_ fleet: FleetFile, _ length: Duration, shard: Shard = .whole) throws -> [String] {
        var lines: [String] = []
        try VirtualRun(fleet, shard: shard).run(for: length) { lines.append($0) }
        return lines
    }

    private func lines(_ timeline: String, _ length: Duration, kind: String = "read, signal: counter") throws
        -> [String]
    {
        try lines(
            FleetFile(yaml: "cohorts: [{name: u, kind: \(kind), addresses: 127.0.2.1}]\ntimeline: [\(timeline)]"),
            length
        ).filter { !$0.contains("says") }
    }

    @Test("the same file and seed give the same run; another seed another; its parts are its units'")
    func same() throws {
        let path = repositoryRoot.appending(path: "docs/examples/faults.yaml").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let first = try lines(FleetFile(yaml: text), .seconds(60))
        #expect(first.count > 1000)
        #expect(first == (try lines(FleetFile(yaml: text), .seconds(60))))
        #expect(first != (try lines(FleetFile(yaml: text.replacing("seed: 7", with: "seed: 8")), .seconds(60))))
        let parts = try (0..<3).flatMap {
            try lines(FleetFile(yaml: text), .seconds(60), shard: Shard(index: $0, count: 3))
        }
        #expect(parts.sorted() == first.sorted())
    }

    @Test("a run ends where its lines cannot be printed any more")
    func unheard() throws {
        struct Full: Error {}
        var count = 0
        #expect(throws: Full.self) {
            try VirtualRun(FleetFile(yaml: "cohorts: [{name: u, kind: read, count: 3}]")).run(for: .seconds(86_400)) {
                _ in
                count += 1
                if count > 9 { throw Full() }
            }
        }
        #expect(count == 10)
    }

    @Test("a unit that nothing befalls counts once a second")
    func plain() throws {
        #expect(
            try lines("", .milliseconds(3100)) == [
                "0.000 u-1 listens", "0.000 u-1 connected", "0.001 u-1 sent 0\\x0a", "1.001 u-1 sent 1\\x0a",
                "2.001 u-1 sent 2\\x0a", "3.001 u-1 sent 3\\x0a",
            ])
    }

    @Test("a reset ends the connection, and the next one goes on counting")
    func reset() throws {
        #expect(
            try lines("{at: 1500ms, fault: reset}", .milliseconds(3000)).dropFirst(3) == [
                "1.001 u-1 sent 1\\x0a", "1.500 u-1 reset", "2.500 u-1 connected", "2.501 u-1 sent 2\\x0a",
            ])
    }

    @Test("a unit that reboots hears nothing, and listens again after its boot")
    func reboot() throws {
        let all = try lines("{at: 1500ms, fault: reboot, boot: 2s}", .milliseconds(4000))
        #expect(
            Array(all.dropFirst(4)) == [
                "1.500 u-1 vanish", "1.500 u-1 hears nothing", "3.500 u-1 refuses", "3.500 u-1 hears again",
                "3.500 u-1 listens", "3.500 u-1 connected", "3.501 u-1 sent 2\\x0a",
            ])
    }

    @Test("a wrong period holds while the fault does")
    func wrongPeriod() throws {
        let all = try lines("{at: 500ms, for: 2s, fault: wrong-period, period: 250ms}", .milliseconds(5000))
        let seconds = all.filter { $0.contains("sent") }.compactMap { Double($0.prefix { $0 != " " }) }
        // The line that was due comes when it was due; the last fast pause ends before the slow ones begin.
        let expected = [0.001, 1.001, 1.251, 1.501, 1.751, 2.001, 2.251, 2.501]
        #expect(seconds.count > 9)
        #expect(zip(seconds, expected).allSatisfy { abs($0 - $1) < 0.005 }, "\(seconds)")
        #expect(zip(seconds.dropFirst(8), seconds.dropFirst(9)).allSatisfy { abs($1 - $0 - 1) < 0.003 })
    }

    @Test("lines are mangled as long as the fault lasts, and whole again after it")
    func mangled() throws {
        let partial = try lines("{at: 500ms, for: 2s, fault: partial}", .milliseconds(4000)).filter {
            $0.contains("sent")
        }
        #expect(
            partial == [
                "0.001 u-1 sent 0\\x0a", "1.001 u-1 sent 1", "2.001 u-1 sent \\x0a2", "3.001 u-1 sent \\x0a3\\x0a",
            ])
        let oversized = try lines("{at: 500ms, for: 1s, fault: oversized, bytes: 5}", .milliseconds(2500)).filter {
            $0.contains("sent")
        }
        #expect(oversized == ["0.001 u-1 sent 0\\x0a", "1.001 u-1 sent 1111\\x0a", "2.001 u-1 sent 2\\x0a"])
    }

    @Test("latency delays a lamp's colour, and nothing else of it")
    func latency() throws {
        let all = try lines("{at: 1s, fault: latency, delay: 300ms}", .milliseconds(6000), kind: "updatable")
        #expect(all.last == "5.301 u-1 shows #ff0000", "\(all)")
    }
}
