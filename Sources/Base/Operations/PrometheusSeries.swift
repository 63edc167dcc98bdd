import CoreMetrics
import Synchronization

/// The values of one name with one set of labels.
protocol PrometheusSeries: AnyObject, Sendable {
    /// The lines of the text format.
    ///
    /// - Parameter labels: What stands between the braces, or nothing.
    func lines(name: String, labels: String) -> [String]
}

/// A number that only grows.
final class PrometheusCounter: PrometheusSeries, CounterHandler, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.withLock { $0 += amount }
    }
    func reset() { value.withLock { $0 = 0 } }

    func lines(name: String, labels: String) -> [String] {
        [PrometheusText.line(name, labels, value.withLock(\.self))]
    }
}

/// A number as it is now.
final class PrometheusGauge: PrometheusSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }

    func lines(name: String, labels: String) -> [String] {
        [PrometheusText.line(name, labels, value.withLock(\.self))]
    }
}

/// How many values lie below each of some bounds; a timer's values are seconds.
final class PrometheusHistogram: PrometheusSeries, TimerHandler, RecorderHandler {
    /// Upper ends, for what takes a millisecond here and, after an outage, a day.
    static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600, 86_400,
    ]

    private struct State {
        var counts = [Int](repeating: 0, count: PrometheusHistogram.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        let index = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func lines(name: String, labels: String) -> [String] {
        let state = state.withLock(\.self)
        let comma = labels.isEmpty ? "" : ","
        var total = 0
        var lines: [String] = []
        for (index, count) in state.counts.enumerated() {
            total += count
            let bound = index < Self.bounds.count ? PrometheusText.number(Self.bounds[index]) : "+Inf"
            lines.append(PrometheusText.line(name + "_bucket", "\(labels)\(comma)le=\"\(bound)\"", Double(total)))
        }
        lines.append(PrometheusText.line(name + "_sum", labels, state.sum))
        lines.append(PrometheusText.line(name + "_count", labels, Double(total)))
        return lines
    }
}
