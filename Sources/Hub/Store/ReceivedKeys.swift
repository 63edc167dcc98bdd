import GRDB

/// Which measurements were recorded, by the base's keys: what comes again is not recorded again.
///
/// A base counts its measurements up, so each of its runs is a few ranges, and a row of its own in the database, which the
/// transaction that records the measurements writes too.
struct ReceivedKeys: Sendable {
    /// The most ranges that are remembered of one run; beyond, the lowest is forgotten: what comes again of it is recorded
    /// twice, which is better than to take a measurement for known that is not.
    static let mostRanges = 4096
    /// The most runs that are remembered: those that sent something last.
    static let mostRuns = 256

    private struct Run {
        var ranges = RangeSet<Int64>()
        var at: Timestamp
    }

    private var runs: [String: Run] = [:]
    private var changed: Set<String> = []

    func contains(_ key: MeasurementKey) -> Bool {
        runs[key.run]?.ranges.contains(key.sequence) ?? false
    }

    mutating func insert(_ key: MeasurementKey, at now: Timestamp) {
        var run = runs.removeValue(forKey: key.run) ?? Run(at: now)
        run.at = now
        run.ranges.insert(contentsOf: key.sequence..<key.sequence + 1)
        let ranges = run.ranges.ranges
        if ranges.count > Self.mostRanges, let lowest = ranges.first {
            run.ranges.remove(contentsOf: lowest)
        }
        runs[key.run] = run
        changed.insert(key.run)
    }

    // MARK: The database

    init() {}

    init(_ db: Database) throws {
        for row in try Row.fetchAll(db, sql: "SELECT run, ranges, at FROM received_runs") {
            runs[row["run"]] = Run(
                ranges: Self.ranges(row["ranges"]), at: Timestamp(milliseconds: row["at"]))
        }
    }

    /// Writes what has changed since it was read or written last.
    mutating func save(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO received_runs (run, ranges, at) VALUES (?, ?, ?)")
        for name in changed {
            guard let run = runs[name] else { continue }
            try statement.execute(arguments: [name, Self.text(run.ranges), run.at.milliseconds])
        }
        changed = []
        while runs.count > Self.mostRuns, let oldest = runs.min(by: { $0.value.at < $1.value.at })?.key {
            runs[oldest] = nil
            try db.execute(sql: "DELETE FROM received_runs WHERE run = ?", arguments: [oldest])
        }
    }

    /// `1-500,502-600`, both ends included.
    private static func text(_ ranges: RangeSet<Int64>) -> String {
        ranges.ranges.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ",")
    }

    private static func ranges(_ text: String) -> RangeSet<Int64> {
        var ranges = RangeSet<Int64>()
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Int64($0) }
            guard ends.count == 2, ends[0] <= ends[1] else { continue }
            ranges.insert(contentsOf: ends[0]..<ends[1] + 1)
        }
        return ranges
    }
}
