import Testing
import UnitProtocol

@testable import ClientSim

@Suite struct WorkerLineTests {
    @Test(
        "what a worker says is one line, and is understood as it was meant, whatever a peer has sent to the unit",
        arguments: [
            WorkerLine.report(number: 7, .console("")), .report(number: 7, .console("a \\ b\nc\\n\r")),
            .report(number: 0, .shows(Color(red: 1, green: 2, blue: 255))), .answer("{\"id\":1}"),
            .problem(number: 12, "no\nroom"),
        ])
    func roundTrip(line: WorkerLine) {
        #expect(!line.text.utf8.contains(UInt8(ascii: "\n")))
        #expect(WorkerLine(line.text) == line)
    }

    @Test("what is no such line is nil", arguments: ["", "x", "l", "l 7", "l x y", "c 1 nocolour", "q 1 2"])
    func none(text: String) {
        #expect(WorkerLine(text) == nil)
    }

    @Test("a fault is the same after it has gone to a worker as text")
    func faults() throws {
        let fleet = try FleetFile(yaml: "cohorts: [{name: u, kind: read, count: 4, addresses: 127.0.2.1}]")
        let faults: [Fault] = [
            .refuse, .blackHole, .reset, .slowReader(bytesPerSecond: 7),
            .latency(.seconds(1), jitter: .milliseconds(20)),
            .reboot(boot: .seconds(2)), .duplicateAddress(change: .seconds(4)), .garbage, .partial,
            .oversized(bytes: 100), .wrongPeriod(.milliseconds(250)), .brownOut(boot: .seconds(5)),
        ]
        for fault in faults {
            let length: Duration? = fault.kind.isMoment ? nil : .milliseconds(1500)
            let event = FaultEvent(
                at: .zero, length: length, every: .seconds(9), times: 3, fault: fault,
                target: FaultTarget(cohort: "u", share: 0.25))
            #expect(try FaultEvent(json: event.json, layout: fleet.layout) == event)
        }
    }
}
