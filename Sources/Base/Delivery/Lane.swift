import Collections

/// The measurements of one unit that wait for the dashboard: the oldest ones are held here, the others are in the outbox alone,
/// which knows best what there is: it is asked until it has no more.
///
/// A value without I/O.
struct Lane: Sendable {
    /// The most that are held of each kind.
    static let most = 64

    /// The oldest, in order, without a gap and below all of ``fresh``; so many at its start are under way.
    private var oldest: Deque<OutboxRecord> = []
    private var oldestUnderWay = 0
    /// New values that go before them, in order: only while it is behind, and where fresh values have precedence.
    private var fresh: Deque<OutboxRecord> = []
    private var freshUnderWay = 0
    /// Whether the outbox may have some behind ``cursor`` that are not held.
    private var mayHaveMore = false
    /// Up to where the outbox was read.
    private var cursor: UInt64?
    /// What was asked of the outbox and is not answered yet.
    private var question: Question?
    /// The outbox has told of none that go before what is fresh; it is asked again when some of that is gone.
    private var isHeldUpByFresh = false
    /// It has not been empty since a failure, a start, or since more waited than is held.
    private(set) var isBehind = false
    /// Deliveries that have failed since the last that did not.
    private(set) var failures = 0

    private struct Question: Sendable {
        var limit: Int
        /// Whether there is more in the outbox since it was asked.
        var isOutdated = false
        /// What was delivered or given up since.
        var gone: Set<UInt64> = []
    }

    var isUnderWay: Bool { oldestUnderWay + freshUnderWay > 0 }
    var isLoading: Bool { question != nil }
    var held: Int { oldest.count + fresh.count }
    var isEmpty: Bool { held == 0 && !mayHaveMore && !isLoading }
    /// Whether what would go out next is a value that has waited since it fell behind.
    var nextIsBacklog: Bool { fresh.isEmpty && isBehind }
    var hasNext: Bool { !isUnderWay && held > 0 }
    /// Whether the outbox is to be asked for more.
    var wantsMore: Bool { mayHaveMore && !isLoading && !isHeldUpByFresh && oldest.count <= Self.most / 2 }

    /// Some wait in the outbox from an earlier run.
    mutating func restore() {
        mayHaveMore = true
        isBehind = true
    }

    /// - Parameters:
    ///   - prefersFresh: Whether new values go first while it is behind.
    ///   - mayHold: Whether there is room for another one in memory.
    mutating func add(_ record: OutboxRecord, prefersFresh: Bool, mayHold: Bool) {
        // The outbox may have told of it before.
        if let cursor, record.key.sequence <= cursor { return }
        if prefersFresh, isBehind, mayHold {
            fresh.append(record)
            guard fresh.count - freshUnderWay > Self.most else { return }
            // The oldest of them has become one of many.
            fresh.remove(at: freshUnderWay)
            isHeldUpByFresh = false
            leaveInOutbox()
        } else if !mayHaveMore, !isLoading, fresh.isEmpty, oldest.count < Self.most, mayHold {
            oldest.append(record)
            cursor = record.key.sequence
        } else {
            leaveInOutbox()
        }
    }

    private mutating func leaveInOutbox() {
        mayHaveMore = true
        isBehind = true
        question?.isOutdated = true
    }

    /// What is to be read from the outbox now; only where ``wantsMore``.
    mutating func load() -> (after: UInt64?, limit: Int) {
        question = Question(limit: Self.most)
        return (cursor, Self.most)
    }

    /// What the outbox has answered.
    mutating func loaded(_ records: [OutboxRecord]) {
        guard let question else { return }
        self.question = nil
        let end = fresh.first?.key.sequence ?? .max
        let known = records.prefix { $0.key.sequence < end }
        oldest += known.filter { !question.gone.contains($0.key.sequence) }
        if let last = known.last { cursor = last.key.sequence }
        let isCutShort = known.count < records.count
        isHeldUpByFresh = isCutShort && known.isEmpty
        mayHaveMore = isCutShort || records.count == question.limit || question.isOutdated
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
        forget(fresh.prefix(freshUnderWay).map(\.key.sequence))
        oldest.removeFirst(oldestUnderWay)
        fresh.removeFirst(freshUnderWay)
        (oldestUnderWay, freshUnderWay, failures) = (0, 0, 0)
        if isEmpty { isBehind = false }
    }

    private mutating func forget(_ sequences: [UInt64]) {
        guard !sequences.isEmpty else { return }
        question?.gone.formUnion(sequences)
        isHeldUpByFresh = false
    }

    /// What is under way has no answer, and waits again.
    mutating func fail() {
        (oldestUnderWay, freshUnderWay) = (0, 0)
        failures += 1
        isBehind = true
    }

    /// The outbox has given one up. What is under way stays so.
    mutating func drop(_ sequence: UInt64) {
        question?.gone.insert(sequence)
        // It may be missing in the answer, which is no sign then that there is no more.
        question?.isOutdated = true
        if let index = oldest.firstIndex(where: { $0.key.sequence == sequence }) {
            if index >= oldestUnderWay { oldest.remove(at: index) }
        } else if let index = fresh.firstIndex(where: { $0.key.sequence == sequence }), index >= freshUnderWay {
            fresh.remove(at: index)
            isHeldUpByFresh = false
        }
    }

    /// All that is held and not under way, but for the newest of it: a newer value is there.
    mutating func supersede() -> [OutboxRecord] {
        var old = Array(oldest.dropFirst(oldestUnderWay)) + fresh.dropFirst(freshUnderWay)
        guard let newest = old.popLast(), !old.isEmpty else { return [] }
        let isFresh = fresh.count > freshUnderWay
        oldest.removeLast(oldest.count - oldestUnderWay)
        fresh.removeLast(fresh.count - freshUnderWay)
        if isFresh { fresh.append(newest) } else { oldest.append(newest) }
        forget(old.map(\.key.sequence))
        return old
    }
}
