import ArgumentParser
import Files
import Foundation
import JUnit
import TerminalText

/// `iot sim verify`: whether a sink has received what a fleet has measured.
struct SimVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare what a sink has received with what the units of a run have measured.",
        discussion: """
            Units with signal: counter say 0, 1, 2, … so that each line which was lost, came twice or out of order shows. \
            Exits with 1 where one is.
            The sink's lines are UNIT VALUE, or JSON with "unit" or "ip" and "value"; a unit is a name or an address:
              iot sim verify run.json received.txt
            """)

    @Argument(help: "What `iot sim fleet --report` has written.")
    var report: String

    @Argument(help: "What the sink has received, line by line; - is stdin.")
    var received: String

    @Option(help: "Write the result as JUnit XML, a test for each unit.")
    var junit: String?

    @Flag(help: "Print one line of JSON instead.")
    var json = false

    private static let mostReportBytes = 64 * 1024 * 1024
    private static let mostNamed = 20

    private struct Result: Encodable {
        var units: Int
        var measured: Int
        var received: Int
        var lost: Int
        var duplicates: Int
        var late: Int
        var foreign: Int
        var unreadable: Int
    }

    func run() throws {
        let run = try read()
        guard !run.units.isEmpty else {
            throw FleetError.notARun(path: report, reason: "none of its units has the signal counter")
        }
        var proofs = run.units.map { SequenceProof(measured: $0.measured) }
        var places: [String: Int] = [:]
        for (place, unit) in run.units.enumerated() {
            places[unit.name] = place
            places[unit.ip] = place
        }
        var (unreadable, unknown) = (0, 0)
        try eachLine { line in
            guard let one = ReceivedLine(line) else {
                unreadable += 1
                return
            }
            guard let place = places[one.unit] else {
                unknown += 1
                return
            }
            proofs[place].receive(one.value)
        }
        let failures = zip(run.units, proofs).map { (name: $0.name, failure: $1.failure) }
        let cases = failures.map { JUnitCase(name: $0.name, failure: $0.failure) }
        if let junit { try JUnitFile(suite: "received", cases: cases, seconds: run.seconds).write(to: junit) }
        try tell(
            Result(
                units: proofs.count, measured: proofs.reduce(0) { $0 + $1.measured },
                received: proofs.reduce(0) { $0 + $1.received }, lost: proofs.reduce(0) { $0 + $1.lost },
                duplicates: proofs.reduce(0) { $0 + $1.duplicates }, late: proofs.reduce(0) { $0 + $1.late },
                foreign: proofs.reduce(unknown) { $0 + $1.foreign }, unreadable: unreadable),
            failures.filter { $0.failure != nil })
        if unreadable > 0 || unknown > 0 || failures.contains(where: { $0.failure != nil }) { throw ExitCode(1) }
    }

    private func read() throws -> RunReport {
        do {
            let data = try RegularFile.bytes(of: report, atMost: Self.mostReportBytes)
            return try JSONDecoder().decode(RunReport.self, from: data)
        } catch {
            throw FleetError.notARun(path: report, reason: "\(error)")
        }
    }

    /// Hands over the sink's lines one by one: there may be more than fit into memory.
    private func eachLine(_ take: (String) -> Void) throws {
        let file = received == "-" ? fdopen(STDIN_FILENO, "r") : fopen(received, "r")
        guard let file else {
            throw FleetError.unreadableFile(path: received, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        while true {
            let count = getline(&buffer, &capacity, file)
            guard count > 0, let buffer else { return }
            let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
            let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            if !line.isEmpty { take(line) }
        }
    }

    private func tell(_ result: Result, _ failed: [(name: String, failure: String?)]) throws {
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            print(String(decoding: try encoder.encode(result), as: UTF8.self))
            return
        }
        for one in failed.prefix(Self.mostNamed) { print("\(one.name.printable): \(one.failure ?? "")") }
        if failed.count > Self.mostNamed { print("and \(failed.count - Self.mostNamed) units more") }
        print(
            "\(result.units) units: \(result.measured) measured, \(result.received) received, \(result.lost) lost, "
                + "\(result.duplicates) twice, \(result.late) out of order, \(result.foreign) foreign, "
                + "\(result.unreadable) unreadable")
    }
}
