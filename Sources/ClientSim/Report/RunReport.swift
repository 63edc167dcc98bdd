import Foundation
import JUnit

/// What a run has done, written at its end.
struct RunReport: Codable, Equatable {
    struct Unit: Codable, Equatable {
        var name: String
        var ip: String
        /// How many lines it has measured: 0 to one less; nil where its signal is no counter.
        var measured: Int?
        /// How many the other unit at its address has: ``MeasuredLines/otherStart`` and on; nil for none.
        var other: Int?
    }

    var fleet: String
    var seed: UInt64
    var shard: String
    /// When the run ended, ISO 8601.
    var ended: String
    var seconds: Double
    var workers: Int
    /// How many workers have not answered at the end: their units are missing here.
    var silentWorkers: Int?
    var counts: FleetCounts
    var lagMicroseconds: [String: Int]
    /// Whether each fault of the file that was due has begun at a unit.
    var missedFaults: [String]
    var units: [Unit]

    init(
        fleet: FleetFile, path: String, shard: Shard, snapshot: FleetSnapshot, measured: [Int: MeasuredLines],
        ended: Date
    ) {
        self.fleet = path
        seed = fleet.seed
        self.shard = shard.description
        self.ended = ended.formatted(.iso8601)
        seconds = (snapshot.at / .milliseconds(1)).rounded() / 1000
        workers = snapshot.workers
        silentWorkers = snapshot.silentWorkers > 0 ? snapshot.silentWorkers : nil
        counts = snapshot.counts
        lagMicroseconds = [
            "p50": snapshot.lag.quantile(0.5), "p99": snapshot.lag.quantile(0.99), "max": snapshot.lag.maximum,
        ]
        let due = Set(
            fleet.timeline.enumerated().filter { number, event in
                event.at + .seconds(1) < snapshot.at && Self.hits(event, number: number, fleet, shard)
            }.map(\.element.fault.kind.rawValue))
        missedFaults = due.filter { snapshot.counts.faults[$0] == nil }.sorted()
        units = shard.numbers(of: fleet.layout.count).map { number in
            let plan = fleet.layout[number]
            let other = measured[number]?.other ?? 0
            return Unit(
                name: plan.name, ip: plan.address.description, measured: measured[number]?.own,
                other: other > 0 ? other : nil)
        }
    }

    /// Whether a unit of this part is among those that an event of the file chooses the first time.
    private static func hits(_ event: FaultEvent, number: Int, _ fleet: FleetFile, _ shard: Shard) -> Bool {
        guard let units = fleet.layout.units(of: event.target) else { return false }
        let selection = FaultSelection(
            units: units, share: event.target.share,
            seed: Timeline.seed(ofEvent: number, round: 0, fleetSeed: fleet.seed))
        return shard.numbers(of: fleet.layout.count).contains { selection.contains($0) }
    }

    /// Writes what is wanted of both; one that cannot be written does not keep the other from it.
    ///
    /// - Throws: ``FleetError/cannotWrite(path:reason:)``; ``FleetError/silentWorkers(_:of:)`` where a part of the fleet is missing.
    func write(json: String?, junit: String?) throws {
        let written = Result { if let json { try write(json: json) } }
        if let junit { try JUnitFile(suite: "fleet", cases: cases, seconds: seconds).write(to: junit) }
        try written.get()
        if let silentWorkers { throw FleetError.silentWorkers(silentWorkers, of: workers) }
    }

    /// - Throws: ``FleetError/cannotWrite(path:reason:)``.
    private func write(json path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(self).write(to: URL(filePath: path))
        } catch {
            throw FleetError.cannotWrite(path: path, reason: error.reason)
        }
    }

    /// As tests: what a run that is sound has.
    var cases: [JUnitCase] {
        [
            JUnitCase(
                name: "every worker has answered at the end",
                failure: silentWorkers.map { "\($0) of \(workers) have not; their units are missing here" }),
            JUnitCase(
                name: "every unit is up at the end",
                failure: counts.waiting + counts.booting > 0
                    ? "\(counts.waiting) wait for power, \(counts.booting) boot" : nil),
            JUnitCase(
                name: "every client was taken that there was a descriptor for",
                failure: counts.failedAccepts > 0 ? "\(counts.failedAccepts) were not" : nil),
            JUnitCase(
                name: "every fault that was due has begun",
                failure: missedFaults.isEmpty ? nil : "not: " + missedFaults.joined(separator: ", ")),
            JUnitCase(
                name: "99 of 100 timers came within 10 ms",
                failure: (lagMicroseconds["p99"] ?? 0) > 10_000
                    ? "they came within \(lagMicroseconds["p99"] ?? 0) µs" : nil),
        ]
    }
}
