/// Which events are told and which are only counted, because the same was told a moment ago.
///
/// A value without I/O; times count from any fixed moment.
struct RepeatWindow: Sendable {
    /// What makes two events the same.
    struct Key: Hashable, Sendable {
        var event: String
        var unit: String?
        var why: String?
    }

    enum Verdict: Equatable, Sendable {
        case tell
        case count
        /// The same, for the first time since it was told: ask for ``ended(at:)`` at this moment.
        case countUntil(Duration)
    }

    /// The most that are remembered; what comes beyond is told each time.
    static let most = 1000

    private struct Entry {
        var end: Duration
        var count = 0
    }

    private let length: Duration
    private var entries: [Key: Entry] = [:]
    /// Before it nothing ends.
    private var nextEnd: Duration?

    /// - Parameter length: How long the same is only counted after it was told; zero: never.
    init(length: Duration) {
        self.length = length
    }

    /// Call ``ended(at:)`` before.
    mutating func take(_ key: Key, at now: Duration) -> Verdict {
        guard length > .zero else { return .tell }
        if let entry = entries[key] {
            entries[key]?.count += 1
            return entry.count == 0 ? .countUntil(entry.end) : .count
        }
        if entries.count < Self.most {
            entries[key] = Entry(end: now + length)
            nextEnd = min(nextEnd ?? now + length, now + length)
        }
        return .tell
    }

    /// What was counted in windows that are over, and how often.
    mutating func ended(at now: Duration) -> [Key: Int] {
        guard let next = nextEnd, next <= now else { return [:] }
        let over = entries.filter { $0.value.end <= now }
        for key in over.keys { entries[key] = nil }
        nextEnd = entries.values.map(\.end).min()
        return over.mapValues(\.count).filter { $0.value > 0 }
    }

    /// Ends all windows.
    mutating func end() -> [Key: Int] {
        nextEnd = .zero
        for key in entries.keys { entries[key]?.end = .zero }
        return ended(at: .zero)
    }
}
