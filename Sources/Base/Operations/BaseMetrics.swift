import CoreMetrics
import Synchronization

/// The metrics of a base, measured through swift-metrics. Latencies are recorded as they come; the rest is taken from a
/// ``StatusReport`` whenever somebody asks, so that both tell the same.
///
/// No label has a unit's address: tens of thousands of units would be as many series.
final class BaseMetrics: Sendable {
    static let descriptions: [PrometheusRegistry.Description] = [
        .init(name: "iot_base_info", kind: .gauge, help: "The version that runs; always 1."),
        .init(name: "iot_base_uptime_seconds", kind: .gauge, help: "Since the start of the base."),
        .init(name: "iot_base_ready", kind: .gauge, help: "1 when /readyz answers 200, else 0."),
        .init(name: "iot_base_units", kind: .gauge, help: "Units by state."),
        .init(name: "iot_base_unit_lines_total", kind: .counter, help: "Measurements that units have said."),
        .init(name: "iot_base_unit_bytes_total", kind: .counter, help: "Bytes that units have sent."),
        .init(
            name: "iot_base_malformed_lines_total", kind: .counter, help: "Lines that were no measurement, by reason."),
        .init(name: "iot_base_unit_throttles_total", kind: .counter, help: "Units that exceeded units.rate."),
        .init(name: "iot_base_unit_reconnects_total", kind: .counter, help: "Connections of units after their first."),
        .init(name: "iot_base_queue_measurements", kind: .gauge, help: "Measurements that wait for the dashboard."),
        .init(
            name: "iot_base_queue_memory_measurements", kind: .gauge, help: "Those that wait in memory alone."),
        .init(name: "iot_base_queue_bytes", kind: .gauge, help: "The size of the outbox's files."),
        .init(name: "iot_base_queue_age_seconds", kind: .gauge, help: "How old what waits longest is."),
        .init(name: "iot_base_outbox_degraded", kind: .gauge, help: "1 while the disk takes nothing, else 0."),
        .init(
            name: "iot_base_outbox_troubles_total", kind: .counter,
            help: "Alarms and failures of the outbox's files, each time that one was met."),
        .init(
            name: "iot_base_deliveries_total", kind: .counter,
            help: "Measurements sent, by result; one that is sent again counts again."),
        .init(name: "iot_base_measurements_dropped_total", kind: .counter, help: "Measurements given up, by reason."),
        .init(
            name: "iot_base_measurements_coalesced_total", kind: .counter,
            help: "Measurements let go for a newer one of their unit (webhook.newest-only)."),
        .init(name: "iot_base_webhook_requests", kind: .gauge, help: "Requests to the dashboard that are under way."),
        .init(
            name: "iot_base_webhook_breaker_open", kind: .gauge, help: "1 while the dashboard is left alone, else 0."),
        .init(
            name: "iot_base_webhook_failing_seconds", kind: .gauge,
            help: "Since the last answer; 0 while there are some."),
        .init(
            name: "iot_base_webhook_unauthorized", kind: .gauge,
            help: "1 while the dashboard refuses the token, else 0."),
        .init(
            name: "iot_base_dead_letters", kind: .gauge,
            help: "Measurements that the dashboard has refused for good and that are kept."),
        .init(
            name: "iot_base_dead_letters_dropped_total", kind: .counter,
            help: "Dead letters given up for newer ones (outbox.dead-letter-bytes)."),
        .init(name: deliverySeconds, kind: .histogram, help: "From a line's acceptance to the dashboard's answer."),
        .init(name: "iot_base_broker_subscribed", kind: .gauge, help: "1 while requests are heard, else 0."),
        .init(name: "iot_base_broker_losses_total", kind: .counter, help: "Connections to the broker that were lost."),
        .init(name: "iot_base_commands_total", kind: .counter, help: "Commands by result."),
        .init(
            name: "iot_base_requests_refused_total", kind: .counter,
            help: "Requests that never became commands, by reason."),
        .init(
            name: "iot_base_results_total", kind: .counter,
            help: "Results of requests that the dashboard has taken (reported) or will not get (lost)."),
        .init(
            name: "iot_base_cluster_held_units", kind: .gauge,
            help: "Units held by lease; there where units are shared with other bases."),
        .init(
            name: "iot_base_cluster_lease_missing_seconds", kind: .gauge,
            help: "Since when there has been no lease; 0 while there is one."),
        .init(name: "iot_base_reloads_total", kind: .counter, help: "Readings of a changed configuration, by result."),
        .init(name: commandSeconds, kind: .histogram, help: "From a request to the unit's acknowledgement."),
    ]

    private static let deliverySeconds = "iot_base_delivery_seconds"
    private static let commandSeconds = "iot_base_command_seconds"

    let delivery: any TimerHandler
    let command: any TimerHandler
    private let factory: any MetricsFactory
    /// What each counter was told last.
    private let counted = Mutex<[PrometheusRegistry.SeriesKey: Int]>([:])

    init(factory: any MetricsFactory) {
        self.factory = factory
        delivery = factory.makeTimer(label: Self.deliverySeconds, dimensions: [])
        command = factory.makeTimer(label: Self.commandSeconds, dimensions: [])
    }

    func update(_ report: StatusReport) {
        set("iot_base_info", 1, [("version", report.version)])
        set("iot_base_uptime_seconds", report.uptimeSeconds)
        set("iot_base_ready", report.isReady ? 1 : 0)
        update(report.units)
        update(report.deliveries)
        update(report.requests)
        if let ownership = report.ownership {
            set("iot_base_cluster_held_units", Double(ownership.held))
            set("iot_base_cluster_lease_missing_seconds", ownership.missingSeconds ?? 0)
        }
        let reloads = ["applied": report.configuration.succeeded, "refused": report.configuration.failed]
        count("iot_base_reloads_total", by: "result", reloads)
    }

    private func update(_ units: StatusReport.Units) {
        for (state, number) in units.states { set("iot_base_units", Double(number), [("state", state)]) }
        count("iot_base_unit_lines_total", units.lines)
        count("iot_base_unit_bytes_total", units.bytes)
        count("iot_base_malformed_lines_total", by: "reason", units.malformed)
        count("iot_base_unit_throttles_total", units.throttled)
        count("iot_base_unit_reconnects_total", units.reconnects)
    }

    private func update(_ deliveries: StatusReport.Deliveries) {
        set("iot_base_queue_measurements", Double(deliveries.waiting))
        set("iot_base_queue_memory_measurements", Double(deliveries.inMemory))
        set("iot_base_queue_bytes", Double(deliveries.outboxBytes))
        set("iot_base_queue_age_seconds", deliveries.oldestSeconds ?? 0)
        set("iot_base_outbox_degraded", deliveries.degraded == nil ? 0 : 1)
        count("iot_base_outbox_troubles_total", deliveries.outboxTroubles)
        count("iot_base_deliveries_total", by: "result", deliveries.results)
        count("iot_base_measurements_dropped_total", by: "reason", deliveries.dropped)
        count("iot_base_measurements_coalesced_total", deliveries.coalesced)
        set("iot_base_webhook_requests", Double(deliveries.requestsUnderWay))
        set("iot_base_webhook_breaker_open", deliveries.isBreakerOpen ? 1 : 0)
        set("iot_base_webhook_failing_seconds", deliveries.failingSeconds ?? 0)
        set("iot_base_webhook_unauthorized", deliveries.unauthorized == nil ? 0 : 1)
        if let letters = deliveries.deadLetters { set("iot_base_dead_letters", Double(letters)) }
        if let dropped = deliveries.deadLettersDropped { count("iot_base_dead_letters_dropped_total", dropped) }
    }

    private func update(_ requests: StatusReport.Requests) {
        set("iot_base_broker_subscribed", requests.missingSeconds == nil ? 1 : 0)
        count("iot_base_broker_losses_total", requests.connectionsLost)
        count("iot_base_commands_total", by: "result", requests.results)
        count("iot_base_requests_refused_total", by: "reason", requests.refused)
        count("iot_base_results_total", by: "result", ["reported": requests.reported, "lost": requests.unreported])
    }

    private func set(_ name: String, _ value: Double, _ labels: [(String, String)] = []) {
        factory.makeMeter(label: name, dimensions: labels).set(value)
    }

    private func count(_ name: String, by label: String, _ totals: [String: Int]) {
        for (value, total) in totals { count(name, total, [(label, value)]) }
    }

    /// A counter takes what has come since it was told last.
    private func count(_ name: String, _ total: Int, _ labels: [(String, String)] = []) {
        let key = PrometheusRegistry.SeriesKey(name: name, labels: PrometheusText.labels(labels))
        let more = counted.withLock { counted in
            defer { counted[key] = max(total, counted[key, default: 0]) }
            return total - counted[key, default: 0]
        }
        let counter = factory.makeCounter(label: name, dimensions: labels)
        if more > 0 { counter.increment(by: Int64(more)) }
    }
}
