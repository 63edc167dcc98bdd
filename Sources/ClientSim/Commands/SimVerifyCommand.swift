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
            Exits with 1 where one is, and with 2 where nothing can be said: a file that cannot be read, a run that is not whole.
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

    /// Where nothing can be said of the lines.
    private static let noVerdict = ExitCode(2)

    func run() throws {
        do {
            try judge()
        } catch let error as FleetError {
            try FileHandle.standardError.write(contentsOf: Data("Error: \(error)\n".utf8))
            throw Self.noVerdict
        }
    }

    private func judge() throws {
        let run = try read()
        let counted = run.units.compactMap { unit in
            unit.measured.map { (name: unit.name, lines: MeasuredLines(own: $0, other: unit.other ?? 0)) }
        }
        guard !counted.isEmpty else {
            throw FleetError.notARun(path: report, reason: "none of its units has the signal counter")
        }
        var proofs = counted.map { UnitProof(measured: $0.lines) }
        let places = Places(run.units)
        var (unreadable, unknown) = (0, 0)
        try eachLine { line in
            guard let one = ReceivedLine(line) else {
                unreadable += 1
                return
            }
            switch places.find(one.unit) {
            case .counted(let place): proofs[place].receive(one.value)
            case .uncounted: break
            case nil: unknown += 1
            }
        }
        let failures = zip(counted, proofs).map { (name: $0.name, failure: $1.failure) }
        let cases = failures.map { JUnitCase(name: $0.name, failure: $0.failure) }
        if let junit { try JUnitFile(suite: "received", cases: cases, seconds: run.seconds).write(to: junit) }
        func sum(_ number: (SequenceProof) -> Int) -> Int { proofs.reduce(0) { $0 + $1.sum(number) } }
        try tell(
            Result(
                units: proofs.count, measured: sum(\.measured), received: sum(\.received), lost: sum(\.lost),
                duplicates: sum(\.duplicates), late: sum(\.late), foreign: unknown + sum(\.foreign),
                unreadable: unreadable),
            failures.filter { $0.failure != nil })
        if let silent = run.silentWorkers { throw FleetError.silentWorkers(silent, of: run.workers) }
        if unreadable > 0 || unknown > 0 || failures.contains(where: { $0.failure != nil }) { throw ExitCode(1) }
    }

    /// Where units stand among those that count, by name and address.
    private struct Places {
        enum Place {
            case counted(Int)
            case uncounted
        }

        private var places: [String: Place] = [:]

        init(_ units: [RunReport.Unit]) {
            var (number, shared, addresses) = (0, Set<String>(), Set<String>())
            for unit in units where !addresses.insert(unit.ip).inserted { shared.insert(unit.ip) }
            for unit in units {
                let place = unit.measured == nil ? Place.uncounted : .counted(number)
                if unit.measured != nil { number += 1 }
                places[unit.name] = place
                // An address that several units have, with other ports, says of none that it is meant.
                if !shared.contains(unit.ip) { places[unit.ip] = place }
            }
        }

        func find(_ unit: String) -> Place? { places[unit] }
    }

    private func read() throws -> RunReport {
        let run: RunReport
        do {
            let data = try RegularFile.bytes(of: report, atMost: Self.mostReportBytes)
            run = try JSONDecoder().decode(RunReport.self, from: data)
        } catch {
            throw FleetError.notARun(path: report, reason: (error as? DecodingError)?.place ?? "\(error)")
        }
        let range = 0...MeasuredLines.otherStart
        guard run.units.allSatisfy({ range.contains($0.measured ?? 0) && range.contains($0.other ?? 0) }) else {
            throw FleetError.notARun(
                path: report, reason: "a unit cannot have measured less than none, or more than 1e9")
        }
        return run
    }

    /// Hands over the sink's lines one by one: there may be more than fit into memory.
    private func eachLine(_ take: (String) -> Void) throws {
        let file = received == "-" ? fdopen(STDIN_FILENO, "r") : fopen(received, "r")
        guard let file else {
            throw FleetError.unreadableSink(path: received, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        while true {
            let count = getline(&buffer, &capacity, file)
            guard count > 0, let buffer else {
                guard ferror(file) == 0 else {
                    throw FleetError.unreadableSink(path: received, reason: String(cString: strerror(errno)))
                }
                return
            }
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
