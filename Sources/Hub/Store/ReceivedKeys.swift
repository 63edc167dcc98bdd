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
        let name: BaseRun
        var sequences = SequenceRanges()
        var at: Timestamp
        /// Grows with each use, whatever the wall clock does.
        var use: Int
        var isChanged = false
    }

    private var runs: [Run] = []
    /// Where the run stands that something was inserted of last; a hint.
    private var latest = 0
    private var uses = 0

    func contains(_ key: MeasurementKey) -> Bool {
        index(of: key.run).map { runs[$0].sequences.contains(key.sequence) } ?? false
    }

    mutating func insert(_ key: MeasurementKey, at now: Timestamp) {
        let index = index(of: key.run) ?? runs.endIndex
        if index == runs.endIndex { runs.append(Run(name: key.run, at: now, use: 0)) }
        latest = index
        uses += 1
        runs[index].at = now
        runs[index].use = uses
        runs[index].isChanged = true
        runs[index].sequences.insert(key.sequence)
        if runs[index].sequences.ranges.count > Self.mostRanges { runs[index].sequences.removeLowestRange() }
    }

    private func index(of name: BaseRun) -> Int? {
        if latest < runs.count, runs[latest].name == name { return latest }
        return runs.firstIndex { $0.name == name }
    }

    // MARK: The database

    init() {}

    init(_ db: Database) throws {
        // What is replaced has a new rowid: the order in which runs were used last.
        for row in try Row.fetchAll(db, sql: "SELECT run, ranges, at FROM received_runs ORDER BY rowid") {
            guard let name = BaseRun(row["run"] as String) else { continue }
            uses += 1
            runs.append(
                Run(
                    name: name, sequences: Self.sequences(row["ranges"]), at: Timestamp(milliseconds: row["at"]),
                    use: uses))
        }
    }

    /// Writes what has changed since it was read or written last.
    mutating func save(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO received_runs (run, ranges, at) VALUES (?, ?, ?)")
        for index in runs.indices.filter({ runs[$0].isChanged }).sorted(by: { runs[$0].use < runs[$1].use }) {
            let run = runs[index]
            try statement.execute(arguments: ["\(run.name)", Self.text(run.sequences), run.at.milliseconds])
            runs[index].isChanged = false
        }
        while runs.count > Self.mostRuns,
            let oldest = runs.indices.min(by: { runs[$0].use < runs[$1].use })
        {
            try db.execute(sql: "DELETE FROM received_runs WHERE run = ?", arguments: ["\(runs[oldest].name)"])
            runs.remove(at: oldest)
        }
    }

    /// `1-500,502-600`, both ends included. Digit by digit: thousands of ranges are written in each commit of a base that has
    /// an outbox to empty.
    private static func text(_ sequences: SequenceRanges) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(sequences.ranges.count * 16)
        for range in sequences.ranges {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            append(range.lowerBound, to: &text)
            text.append(UInt8(ascii: "-"))
            append(range.upperBound, to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Parameter number: 0 or more, as all in a ``MeasurementKey`` are.
    private static func append(_ number: Int64, to text: inout [UInt8]) {
        let start = text.endIndex
        var rest = number
        repeat {
            text.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        text[start...].reverse()
    }

    private static func sequences(_ text: String) -> SequenceRanges {
        SequenceRanges(
            text.split(separator: ",").compactMap { part in
                let ends = part.split(separator: "-").compactMap { Int64($0) }
                return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
            })
    }
}
