/// When a port that is gone is tried again, and what is worth saying about it. Pure.
///
/// A port that ends as soon as it is opened (a serial server that another program has) is tried less and less often, and
/// spoken of once, until it stays.
struct Reconnection {
    enum Loss: Equatable {
        /// It was there and is gone.
        case gone
        /// It was gone as soon as it was opened.
        case refused
    }

    /// Until the first attempt, and between attempts at a port that is not there.
    static let shortest = Duration.milliseconds(500)
    static let longest = Duration.seconds(8)
    /// A port that was silent and is gone within this was never there.
    static let settling = Duration.seconds(1)
    /// A port that was there for so long is tried at once when it is gone.
    static let steady = Duration.seconds(10)

    private var pause = shortest
    private var openedAt = Duration.zero
    private var hasSettled = true
    private var isRefusing = false
    private var nextAttempt = Duration.zero

    func isDue(at now: Duration) -> Bool { now >= nextAttempt }

    /// - Returns: Whether that it is back is worth saying.
    mutating func opened(at now: Duration) -> Bool {
        openedAt = now
        hasSettled = false
        return !isRefusing
    }

    /// It is open, and has said something or not.
    ///
    /// - Returns: Whether that it is back is worth saying now, as it stays this time.
    mutating func isThere(at now: Duration, hasHeard: Bool) -> Bool {
        guard !hasSettled, hasHeard || now - openedAt >= Self.settling else { return false }
        hasSettled = true
        defer { isRefusing = false }
        return isRefusing
    }

    /// It could not be opened.
    mutating func failed(at now: Duration) {
        nextAttempt = now + Self.shortest
    }

    /// - Returns: What is worth saying.
    mutating func lost(at now: Duration) -> Loss? {
        if now - openedAt >= Self.steady { pause = Self.shortest }
        nextAttempt = now + pause
        pause = min(pause * 2, Self.longest)
        guard !hasSettled else { return .gone }
        defer { isRefusing = true }
        return isRefusing ? nil : .refused
    }
}
