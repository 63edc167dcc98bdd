import Foundation
import JUnit

/// What a run has done, written at its end.
struct RunReport: Codable, Equatable {
    /// A unit whose signal is a counter.
    struct Unit: Codable, Equatable {
        var name: String
        var ip: String
        /// How many lines it has measured: 0 to one less.
        var measured: Int
    }

    var fleet: String
    var seed: UInt64
    var shard: String
    /// When the run ended, ISO 8601.
    var ended: String
    var seconds: Double
    var workers: Int
    var counts: FleetCounts
    var lagMicroseconds: [String: Int]
    /// Whether each fault of the file that was due has begun at a unit.
    var missedFaults: [String]
    var units: [Unit]

    init(fleet: FleetFile, path: String, shard: Shard, snapshot: FleetSnapshot, measured: [Int: Int], ended: Date) {
        self.fleet = path
        seed = fleet.seed
        self.shard = shard.description
        self.ended = ended.formatted(.iso8601)
        seconds = (snapshot.at / .milliseconds(1)).rounded() / 1000
        workers = snapshot.workers
        counts = snapshot.counts
        lagMicroseconds = [
            "p50": snapshot.lag.quantile(0.5), "p99": snapshot.lag.quantile(0.99), "max": snapshot.lag.maximum,
        ]
        let due = Set(fleet.timeline.filter { $0.at + .seconds(1) < snapshot.at }.map(\.fault.kind.rawValue))
        missedFaults = due.filter { snapshot.counts.faults[$0] == nil }.sorted()
        units = measured.sorted { $0.key < $1.key }.map { number, count in
            let plan = fleet.layout[number]
            return Unit(name: plan.name, ip: plan.address.description, measured: count)
        }
    }

    /// - Throws: ``FleetError/cannotWrite(path:reason:)``.
    func write(json path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(self).write(to: URL(filePath: path))
        } catch {
            throw FleetError.cannotWrite(path: path, reason: "\(error.localizedDescription)")
        }
    }

    /// As tests: what a run that is sound has.
    var cases: [JUnitCase] {
        [
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
