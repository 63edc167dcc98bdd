import Collections

/// How far the wall clock was ahead of the steady one while a run accepted its records: in a file stands the wall clock's time
/// alone, and with this a record that is read there is as old as the steady clock says, whatever the wall clock has done since.
struct WallClockSteps {
    private struct Step {
        var from: UInt64
        var ahead: Duration
    }

    /// What a wall clock may be moved by without a step of its own; the clocks are not read at the same instant either.
    static let tolerance = Duration.milliseconds(10)
    /// The most steps that are known; where there are more, the oldest are forgotten.
    static let most = 1000

    private var steps: Deque<Step> = []

    /// - Parameter sequence: Of the record that was accepted then; higher than those before.
    mutating func note(_ moment: OutboxMoment, _ sequence: UInt64) {
        let ahead = .milliseconds(moment.wall) - moment.steady
        if let last = steps.last, abs(last.ahead - ahead) <= Self.tolerance { return }
        steps.append(Step(from: sequence, ahead: ahead))
        if steps.count > Self.most { steps.removeFirst() }
    }

    /// When a record of this run was accepted, by the steady clock; nil where that is forgotten.
    func steady(of sequence: UInt64, wall: Int64) -> Duration? {
        steps.last { $0.from <= sequence }.map { .milliseconds(wall) - $0.ahead }
    }

    private func abs(_ duration: Duration) -> Duration { max(duration, .zero - duration) }
}
