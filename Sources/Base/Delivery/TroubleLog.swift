/// When trouble that comes again and again is told: what is new at once, the same after pauses that double, with how often
/// it came meanwhile.
///
/// What differs in digits alone is the same: the names of the outbox's files have many.
struct TroubleLog {
    /// Between two lines of the same trouble: from the first to the second.
    static let pauses = Duration.seconds(60) ... .seconds(3600)
    /// Trouble that has not come for so long is new when it comes again.
    static let memory = Duration.seconds(7200)
    /// The most kinds of trouble that are known; beyond, the one that came longest ago is forgotten.
    private static let most = 16

    private struct Kind {
        var untold = 0
        var pause = pauses.lowerBound
        var nextLine: Duration
        var latest: Duration
    }

    private var kinds: [String: Kind] = [:]

    /// - Parameter now: On the monotonic clock.
    /// - Returns: How often it has come since the last line, when it is time for one; else nil.
    mutating func note(_ reason: String, at now: Duration) -> Int? {
        let name = String(reason.filter { !$0.isASCII || !$0.isNumber })
        kinds = kinds.filter { now - $0.value.latest < Self.memory }
        guard var kind = kinds[name] else {
            if kinds.count >= Self.most, let oldest = kinds.min(by: { $0.value.latest < $1.value.latest }) {
                kinds[oldest.key] = nil
            }
            kinds[name] = Kind(nextLine: now + Self.pauses.lowerBound, latest: now)
            return 1
        }
        kind.untold += 1
        kind.latest = now
        var told: Int?
        if now >= kind.nextLine {
            told = kind.untold
            kind.untold = 0
            kind.pause = min(kind.pause * 2, Self.pauses.upperBound)
            kind.nextLine = now + kind.pause
        }
        kinds[name] = kind
        return told
    }
}
