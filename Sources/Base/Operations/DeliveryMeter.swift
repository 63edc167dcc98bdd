import CoreMetrics
import Synchronization

/// Counts what has become of deliveries, and how long measurements took to the dashboard.
final class DeliveryMeter: Sendable {
    /// What became of a measurement that was sent; one that is tried again counts each time.
    enum Result: String, CaseIterable, Sendable {
        /// The dashboard has it.
        case accepted
        /// The dashboard will never take it.
        case rejected
        /// To be tried again.
        case failed
        /// To be sent in a smaller request.
        case tooMany = "too-many"
    }

    struct Counts: Equatable, Sendable {
        var results: [Result: Int] = [:]
        /// Since when no request has had an answer, on the monotonic clock; nil while they have.
        var failingSince: Duration?
        /// Why the latest failed, while they do.
        var failure: String?
        /// What the dashboard has answered to the latest measurement, where it refuses the token.
        var unauthorized: String?
        /// From a line's acceptance to the dashboard's answer, by the wall clock where both lie in different runs.
        var latency = LatencyHistogram()
    }

    private let state = Mutex(Counts())
    private let timer: any TimerHandler

    init(timer: any TimerHandler) {
        self.timer = timer
    }

    var counts: Counts { state.withLock(\.self) }

    /// - Parameter isTimed: Whether the time that it took counts among the latencies.
    func note(_ outcome: DeliveryOutcome, _ records: [OutboxRecord], clock: OutboxClock, isTimed: Bool = true) {
        switch outcome {
        case .retry(let reason, _):
            let now = clock.monotonic()
            state.withLock { state in
                state.results[.failed, default: 0] += records.count
                state.failingSince = state.failingSince ?? now
                state.failure = reason
            }
        case .tooMany:
            state.withLock { state in
                state.results[.tooMany, default: 0] += records.count
                (state.failingSince, state.failure) = (nil, nil)
            }
        case .answered(let verdicts): answered(verdicts, records, isTimed ? clock.now : nil)
        }
    }

    private func answered(_ verdicts: [DeliveryOutcome.Verdict], _ records: [OutboxRecord], _ now: OutboxMoment?) {
        let accepted = zip(records, verdicts).filter { $1 == .accepted }.map(\.0)
        let times = now.map { now in accepted.map { $0.age(at: now) } } ?? []
        state.withLock { state in
            state.unauthorized = accepted.isEmpty ? verdicts.lazy.compactMap(\.unauthorized).first : nil
            state.results[.accepted, default: 0] += accepted.count
            state.results[.rejected, default: 0] += records.count - accepted.count
            (state.failingSince, state.failure) = (nil, nil)
            for time in times { state.latency.record(.milliseconds(time)) }
        }
        for time in times { timer.recordNanoseconds(time.multipliedReportingOverflow(by: 1_000_000).partialValue) }
    }
}
