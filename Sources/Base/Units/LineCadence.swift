/// How often a unit speaks, learned from the latest pauses between its lines, and so when its silence means that it is
/// gone.
///
/// A pause is the time between two reads that brought something: lines that TCP delivers together count once. The median
/// is the period, so that a stall of the network or a burst does not change it; the longest pause makes silence that this
/// unit has shown before no alarm.
struct LineCadence: Equatable, Sendable {
    /// The pauses that count, newest last.
    static let remembered = 16
    /// With fewer nothing is known.
    static let needed = 8

    private var pauses: [Duration] = []
    private var heardAt: Duration?
    /// The median of the latest pauses; nil until ``needed`` of them are known.
    private(set) var period: Duration?
    private var longest = Duration.zero

    /// The time up to the next line is no pause of the unit: a new connection, or one that was not read.
    mutating func interrupt() {
        heardAt = nil
    }

    mutating func hear(at now: Duration) {
        defer { heardAt = now }
        guard let heardAt else { return }
        if pauses.count == Self.remembered { pauses.removeFirst() }
        pauses.append(now - heardAt)
        guard pauses.count >= Self.needed else { return }
        let sorted = pauses.sorted()
        period = sorted[sorted.count / 2]
        longest = sorted[sorted.count - 1]
    }

    /// How long a silence may be: `factor` periods, never below twice the longest of the latest pauses nor `minimum`,
    /// never above `maximum`.
    func silenceLimit(factor: Int, minimum: Duration, maximum: Duration) -> Duration {
        guard let period else { return maximum }
        return min(maximum, max(minimum, period * factor, longest * 2))
    }
}
