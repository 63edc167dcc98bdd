import CoreMetrics
import Synchronization

/// Keeps what is measured through swift-metrics, for Prometheus to fetch as text.
///
/// A label of swift-metrics is the metric's whole name, its dimensions are Prometheus' labels. Only names that were
/// described are kept, and of each at most ``seriesLimit`` series: a mistake in a label cannot fill the memory.
final class PrometheusRegistry: MetricsFactory {
    /// What stands above a metric's values.
    struct Description: Sendable {
        enum Kind: String, Sendable {
            case counter, gauge, histogram
        }

        var name: String
        var kind: Kind
        /// One sentence, without a line end.
        var help: String
    }

    /// The most series of one name; further ones are measured and never shown.
    static let seriesLimit = 64

    struct SeriesKey: Hashable, Sendable {
        var name: String
        /// `reason="empty",unit="a"`, as it stands between the braces.
        var labels: String
    }

    private struct State {
        var series: [SeriesKey: any PrometheusSeries] = [:]
        /// How many series each name has.
        var counts: [String: Int] = [:]
    }

    private let descriptions: [Description]
    private let kinds: [String: Description.Kind]
    private let state = Mutex(State())

    init(_ descriptions: [Description]) {
        self.descriptions = descriptions
        kinds = Dictionary(uniqueKeysWithValues: descriptions.map { ($0.name, $0.kind) })
    }

    /// All values, in the text format 0.0.4, described metrics in their order and series by their labels.
    var text: String {
        let byName = Dictionary(grouping: state.withLock(\.series), by: \.key.name)
        var lines: [String] = []
        for description in descriptions {
            lines.append("# HELP \(description.name) \(description.help)")
            lines.append("# TYPE \(description.name) \(description.kind.rawValue)")
            for (key, series) in (byName[description.name] ?? []).sorted(by: { $0.key.labels < $1.key.labels }) {
                lines += series.lines(name: key.name, labels: key.labels)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func keep<Series: PrometheusSeries>(
        _ label: String, _ dimensions: [(String, String)], as kind: Description.Kind, _ make: () -> Series
    ) -> Series {
        let key = SeriesKey(name: label, labels: PrometheusText.labels(dimensions))
        return state.withLock { state in
            if let known = state.series[key] as? Series { return known }
            let new = make()
            guard kinds[label] == kind, state.counts[label, default: 0] < Self.seriesLimit else { return new }
            state.counts[label, default: 0] += 1
            state.series[key] = new
            return new
        }
    }

    // MARK: swift-metrics

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        keep(label, dimensions, as: .counter) { PrometheusCounter() }
    }

    func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        keep(label, dimensions, as: .counter) { PrometheusCounter() }
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        keep(label, dimensions, as: .gauge) { PrometheusGauge() }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate
            ? keep(label, dimensions, as: .histogram) { PrometheusHistogram() }
            : keep(label, dimensions, as: .gauge) { PrometheusGauge() }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        keep(label, dimensions, as: .histogram) { PrometheusHistogram() }
    }

    // Series live as long as the process, so that no counter begins anew.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
