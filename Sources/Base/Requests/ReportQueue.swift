/// Results that wait for the dashboard: how many at once, how often one is tried, when it is given up.
///
/// A value without I/O. Results are independent of one another: one that is tried again does not hold up the next.
struct ReportQueue: Sendable {
    /// The most results that wait, are under way or pause; what comes beyond is lost.
    static let limit = 1000
    /// The most requests to the dashboard at once.
    static let concurrency = 4
    /// How often a result is tried.
    static let attempts = 5
    static let backoff = Backoff(minimum: .seconds(1), maximum: .seconds(30))

    /// A try at one result.
    struct Attempt: Equatable, Sendable {
        var report: RequestReport
        /// From 1.
        var number: Int
    }

    /// What became of an attempt.
    enum Outcome: Equatable, Sendable {
        case accepted
        /// It may go through later.
        case retry(reason: String, after: Duration?)
        /// It never will.
        case rejected(reason: String)
    }

    /// What follows from the end of an attempt.
    enum Next: Equatable, Sendable {
        case nothing
        /// Call ``retry(_:)`` with this after the pause.
        case retry(Attempt, after: Duration)
        /// The dashboard will not get it.
        case lost(reason: String)
    }

    private var waiting: [Attempt] = []
    private var underWay = 0
    private var pausing = 0
    private(set) var delivered = 0
    private(set) var lost = 0

    var isEmpty: Bool { count == 0 }
    var count: Int { waiting.count + underWay + pausing }

    /// - Returns: The attempts to start now; nil when there are too many results, and this one is lost.
    mutating func add(_ report: RequestReport) -> [Attempt]? {
        guard count < Self.limit else {
            lost += 1
            return nil
        }
        waiting.append(Attempt(report: report, number: 1))
        return start()
    }

    /// - Parameter random: From 0 to 1; spreads the pauses.
    mutating func finished(
        _ attempt: Attempt, _ outcome: Outcome, random: Double
    ) -> (start: [Attempt], next: Next) {
        underWay -= 1
        switch outcome {
        case .accepted:
            delivered += 1
            return (start(), .nothing)
        case .rejected(let reason):
            lost += 1
            return (start(), .lost(reason: reason))
        case .retry(let reason, let after):
            guard attempt.number < Self.attempts else {
                lost += 1
                return (start(), .lost(reason: "\(reason), after \(attempt.number) attempts"))
            }
            pausing += 1
            let wanted = max(after ?? .zero, Self.backoff.pause(after: attempt.number, fraction: random))
            let pause = min(Self.backoff.maximum, wanted)
            return (start(), .retry(Attempt(report: attempt.report, number: attempt.number + 1), after: pause))
        }
    }

    /// The pause before an attempt is over.
    mutating func retry(_ attempt: Attempt) -> [Attempt] {
        pausing -= 1
        waiting.append(attempt)
        return start()
    }

    private mutating func start() -> [Attempt] {
        let started = Array(waiting.prefix(Self.concurrency - underWay))
        waiting.removeFirst(started.count)
        underWay += started.count
        return started
    }
}
