import Collections

/// The measurements of one unit that wait for the dashboard: the oldest ones are held here, the others are in the outbox alone.
///
/// A value without I/O.
struct Lane: Sendable {
    /// The most that are held of each kind.
    static let most = 64

    /// The oldest, in order, without a gap; so many at its start are under way.
    private var oldest: Deque<OutboxRecord> = []
    private var oldestUnderWay = 0
    /// New values that go before them, in order: only while it is behind, and where fresh values have precedence.
    private var fresh: Deque<OutboxRecord> = []
    private var freshUnderWay = 0
    /// How many wait in the outbox alone.
    private(set) var beyond = 0
    /// Up to where the outbox was read.
    private(set) var cursor: UInt64?
    private(set) var isLoading = false
    /// How many were added since the outbox was asked.
    private var addedSinceLoad = 0
    /// It has not been empty since a failure, a start, or since more waited than is held.
    private(set) var isBehind = false
    /// Deliveries that have failed since the last that did not.
    private(set) var failures = 0

    var isUnderWay: Bool { oldestUnderWay + freshUnderWay > 0 }
    var waiting: Int { oldest.count + fresh.count + beyond }
    var held: Int { oldest.count + fresh.count }
    var isEmpty: Bool { waiting == 0 && !isLoading }
    /// Whether what would go out next is a value that has waited since it fell behind.
    var nextIsBacklog: Bool { fresh.isEmpty && isBehind }
    var hasNext: Bool { !isUnderWay && held > 0 }

    /// So many wait in the outbox from an earlier run.
    mutating func restore(_ count: Int) {
        beyond += count
        isBehind = true
    }

    /// - Parameters:
    ///   - prefersFresh: Whether new values go first while it is behind.
    ///   - mayHold: Whether there is room for another one in memory.
    mutating func add(_ record: OutboxRecord, prefersFresh: Bool, mayHold: Bool) {
        // The outbox may have told of it before.
        if let cursor, record.key.sequence <= cursor { return }
        if isLoading { addedSinceLoad += 1 }
        if prefersFresh, isBehind, mayHold {
            fresh.append(record)
            // The oldest of them has become one of many.
            guard fresh.count - freshUnderWay > Self.most else { return }
            fresh.remove(at: freshUnderWay)
            beyond += 1
        } else if beyond == 0, !isLoading, oldest.count < Self.most, mayHold {
            oldest.append(record)
            cursor = max(cursor ?? 0, record.key.sequence)
        } else {
            beyond += 1
            isBehind = true
        }
    }

    /// What is to be read from the outbox now, if anything.
    mutating func load() -> (after: UInt64?, limit: Int)? {
        guard beyond > 0, !isLoading, oldest.count <= Self.most / 2 else { return nil }
        isLoading = true
        addedSinceLoad = 0
        // Fresh ones stand there too.
        return (cursor, Self.most + fresh.count)
    }

    /// What the outbox has answered.
    mutating func loaded(_ records: [OutboxRecord]) {
        isLoading = false
        let others = Set(fresh.map(\.key.sequence))
        let new = records.filter { !others.contains($0.key.sequence) }
        oldest += new
        if let last = records.last { cursor = last.key.sequence }
        // What is not there any more was given up by the outbox.
        beyond = records.isEmpty ? min(beyond, addedSinceLoad) : max(0, beyond - new.count)
    }

    /// The next measurements, at most `limit`; they are under way from now on.
    mutating func take(_ limit: Int) -> [OutboxRecord] {
        if !fresh.isEmpty {
            freshUnderWay = min(limit, fresh.count)
            return Array(fresh.prefix(freshUnderWay))
        }
        oldestUnderWay = min(limit, oldest.count)
        return Array(oldest.prefix(oldestUnderWay))
    }

    /// What is under way has its answer.
    mutating func settle() {
        oldest.removeFirst(oldestUnderWay)
        fresh.removeFirst(freshUnderWay)
        (oldestUnderWay, freshUnderWay, failures) = (0, 0, 0)
        if isEmpty { isBehind = false }
    }

    /// What is under way has no answer, and waits again.
    mutating func fail() {
        (oldestUnderWay, freshUnderWay) = (0, 0)
        failures += 1
        isBehind = true
    }

    /// The outbox has given one up. What is under way stays so.
    mutating func drop(_ sequence: UInt64) {
        if let index = oldest.firstIndex(where: { $0.key.sequence == sequence }) {
            if index >= oldestUnderWay { oldest.remove(at: index) }
        } else if let index = fresh.firstIndex(where: { $0.key.sequence == sequence }) {
            if index >= freshUnderWay { fresh.remove(at: index) }
        } else {
            beyond = max(0, beyond - 1)
        }
    }

    /// All that is held and not under way, but for the newest: a newer value is there.
    mutating func supersede() -> [OutboxRecord] {
        var old = Array(oldest.dropFirst(oldestUnderWay)) + fresh.dropFirst(freshUnderWay)
        oldest.removeLast(oldest.count - oldestUnderWay)
        fresh.removeLast(fresh.count - freshUnderWay)
        // While others wait in the outbox the newest is there.
        if beyond == 0, let newest = old.popLast() { oldest.append(newest) }
        return old
    }
}
