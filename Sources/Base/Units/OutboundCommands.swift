import UnitProtocol

/// The commands of one unit, oldest first, and how far the current connection has carried them.
struct OutboundCommands: Sendable {
    private struct Entry: Sendable {
        let id: Int
        let command: Command
        var deadline: Duration
        /// The number of the connection's bytes with which this command ends; nil until it was written.
        var end: Int?
    }

    private let limit: Int
    private var entries: [Entry] = []
    private var written = 0
    /// When the connection last had nothing under way: its opening, or the latest acknowledgement of a command.
    private(set) var quietSince = Duration.zero

    init(limit: Int) {
        self.limit = limit
    }

    var isEmpty: Bool { entries.isEmpty }
    /// Whether the current connection has carried a command.
    var hasWritten: Bool { written > 0 }
    var nextDeadline: Duration? { entries.first?.deadline }

    /// False when the queue is full.
    mutating func add(id: Int, _ command: Command, deadline: Duration) -> Bool {
        guard entries.count < limit else { return false }
        entries.append(Entry(id: id, command: command, deadline: deadline))
        return true
    }

    mutating func connectionOpened(at now: Duration) {
        written = 0
        quietSince = now
    }

    /// The bytes of all commands that were not written yet; they count as written from now on.
    mutating func takeUnwritten() -> [UInt8] {
        var bytes: [UInt8] = []
        for index in entries.indices where entries[index].end == nil {
            bytes += entries[index].command.bytes
            entries[index].end = written + bytes.count
        }
        written += bytes.count
        return bytes
    }

    /// The commands that `total` acknowledged bytes complete.
    mutating func acknowledge(_ total: Int, at now: Duration) -> [Int] {
        let done = entries.prefix { $0.end.map { $0 <= total } ?? false }.map(\.id)
        if !done.isEmpty {
            entries.removeFirst(done.count)
            quietSince = now
        }
        return done
    }

    /// Removes what was written: nobody knows whether the unit has taken it, and a repeat could act twice.
    mutating func connectionLost() -> [Int] {
        let lost = entries.filter { $0.end != nil }.map(\.id)
        entries.removeAll { $0.end != nil }
        return lost
    }

    mutating func limitDeadlines(to latest: Duration) {
        for index in entries.indices { entries[index].deadline = min(entries[index].deadline, latest) }
    }

    mutating func expire(at now: Duration) -> (ids: [Int], wasWritten: Bool) {
        let expired = entries.prefix { $0.deadline <= now }
        let result = (expired.map(\.id), expired.contains { $0.end != nil })
        entries.removeFirst(expired.count)
        return result
    }
}
