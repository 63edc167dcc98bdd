import UnitProtocol

/// The commands of one unit, oldest first, and how far the current connection has carried them.
struct OutboundCommands: Sendable {
    private struct Entry: Sendable {
        let id: Int
        let command: Command
        /// When it is given up unless it was written until then.
        var expiry: Duration
        /// When it is given up unless it was acknowledged until then.
        var deadline: Duration
        /// The number of the connection's bytes with which this command ends; nil until it was written.
        var end: Int?
    }

    private let limit: Int
    /// Those that were written stand before those that were not.
    private var entries: [Entry] = []
    private var writtenEntries = 0
    private var written = 0
    /// When the connection last had nothing under way: its opening, or the latest acknowledgement of a command.
    private(set) var quietSince = Duration.zero

    init(limit: Int) {
        self.limit = limit
    }

    var isEmpty: Bool { entries.isEmpty }
    /// Whether the current connection has carried a command.
    var hasWritten: Bool { written > 0 }
    /// Commands come with ever later moments, so the first of each kind is the next.
    var nextDeadline: Duration? {
        let written = writtenEntries > 0 ? entries.first?.deadline : nil
        let waiting = writtenEntries < entries.count ? entries[writtenEntries].expiry : nil
        return [written, waiting].compactMap { $0 }.min()
    }

    /// False when the queue is full.
    mutating func add(id: Int, _ command: Command, expiry: Duration, deadline: Duration) -> Bool {
        guard entries.count < limit else { return false }
        entries.append(Entry(id: id, command: command, expiry: expiry, deadline: deadline))
        return true
    }

    /// Removes the commands that were not written yet.
    mutating func removeUnwritten() -> [Int] {
        let waiting = entries[writtenEntries...].map(\.id)
        entries.removeLast(waiting.count)
        return waiting
    }

    mutating func connectionOpened(at now: Duration) {
        written = 0
        quietSince = now
    }

    /// The bytes of all commands that were not written yet; they count as written from now on.
    mutating func takeUnwritten() -> [UInt8] {
        var bytes: [UInt8] = []
        for index in entries.indices[writtenEntries...] {
            bytes += entries[index].command.bytes
            entries[index].end = written + bytes.count
        }
        written += bytes.count
        writtenEntries = entries.count
        return bytes
    }

    /// The commands that `total` acknowledged bytes complete.
    mutating func acknowledge(_ total: Int, at now: Duration) -> [Int] {
        let done = entries.prefix { $0.end.map { $0 <= total } ?? false }.map(\.id)
        if !done.isEmpty {
            entries.removeFirst(done.count)
            writtenEntries -= done.count
            quietSince = now
        }
        return done
    }

    /// Removes what was written: nobody knows whether the unit has taken it, and a repeat could act twice.
    mutating func connectionLost() -> [Int] {
        let lost = entries[..<writtenEntries].map(\.id)
        entries.removeFirst(writtenEntries)
        writtenEntries = 0
        return lost
    }

    mutating func limitDeadlines(to latest: Duration) {
        for index in entries.indices {
            entries[index].expiry = min(entries[index].expiry, latest)
            entries[index].deadline = min(entries[index].deadline, latest)
        }
    }

    /// Removes the commands whose time is up: those that were written and not acknowledged, and those that still waited.
    mutating func expire(at now: Duration) -> (written: [Int], waiting: [Int]) {
        let late = entries[..<writtenEntries].prefix { $0.deadline <= now }.map(\.id)
        let waiting = entries[writtenEntries...].prefix { $0.expiry <= now }.map(\.id)
        entries.removeSubrange(writtenEntries..<writtenEntries + waiting.count)
        entries.removeFirst(late.count)
        writtenEntries -= late.count
        return (late, waiting)
    }
}
