import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import WebSocketClient

/// Tells how the base fares: `/livez`, `/readyz`, `/metrics` and `/status`.
final class Operations: Service {
    private let settings: OperationsSettings
    private let group: any EventLoopGroup
    private let registry: PrometheusRegistry
    private let metrics: BaseMetrics
    private let units: @Sendable () async -> (units: [UnitStatus], totals: UnitTotals)
    private let deliveries: @Sendable () async throws -> StatusReport.Deliveries
    private let requests: @Sendable () async -> StatusReport.Requests
    private let ownership: @Sendable () async -> StatusReport.Ownership?
    private let configuration: @Sendable () async -> Reload.Standing
    private let started: @Sendable () -> Void
    private let logger: Logger
    private let pulse: Pulse
    private let start = OutboxClock.system.monotonic()

    /// - Parameters:
    ///   - ownership: Nil where this base has all units alone.
    ///   - started: Called once, when questions are answered, or it is known that none will be.
    init(
        settings: OperationsSettings, group: any EventLoopGroup, registry: PrometheusRegistry, metrics: BaseMetrics,
        pulse: Pulse, units: @escaping @Sendable () async -> (units: [UnitStatus], totals: UnitTotals),
        deliveries: @escaping @Sendable () async throws -> StatusReport.Deliveries,
        requests: @escaping @Sendable () async -> StatusReport.Requests,
        ownership: @escaping @Sendable () async -> StatusReport.Ownership?,
        configuration: @escaping @Sendable () async -> Reload.Standing, started: @escaping @Sendable () -> Void,
        logger: Logger
    ) {
        self.ownership = ownership
        self.started = started
        self.configuration = configuration
        self.settings = settings
        self.group = group
        self.registry = registry
        self.metrics = metrics
        self.units = units
        self.deliveries = deliveries
        self.requests = requests
        self.logger = logger
        self.pulse = pulse
    }

    /// Answers until the graceful shutdown.
    ///
    /// - Throws: ``OperationsError`` where the place that the configuration names is not to be had.
    func run() async throws {
        guard let place = settings.listen else {
            started()
            try? await gracefulShutdown()
            return
        }
        let beating = Task { await pulse.run() }
        defer { beating.cancel() }
        let server = OperationsServer(group: group) { path in await self.answer(path) }
        do {
            try await server.bind(to: place)
        } catch {
            let reason = OperationsError.notBound(place, reason: DialFailure.words(error))
            guard !settings.isListenWritten else { throw reason }
            // Nobody has asked for it: another base of this machine may have the usual place.
            logger.warning("operations.unavailable", metadata: ["why": "\(reason)"])
            started()
            try? await gracefulShutdown()
            return
        }
        logger.info("operations.listening", metadata: ["address": "\(place)"])
        started()
        try? await gracefulShutdown()
        await server.close()
    }

    private func answer(_ path: String) async -> OperationsAnswer {
        switch path {
        case "/livez":
            let late = pulse.late
            return .json(late.isEmpty ? 200 : 503, Liveliness(live: late.isEmpty, missing: late))
        case "/readyz", "/metrics", "/status":
            // What does not answer would be waited for by each who asks.
            let late = pulse.late
            guard late.isEmpty else { return .json(503, Readiness(ready: false, missing: late)) }
            guard let report = await report() else { return Self.ended }
            return answer(path, report)
        default:
            return OperationsAnswer(
                status: 404, type: "text/plain; charset=utf-8",
                body: "there are /livez, /readyz, /metrics and /status\n")
        }
    }

    private func answer(_ path: String, _ report: StatusReport) -> OperationsAnswer {
        switch path {
        case "/readyz":
            return .json(report.isReady ? 200 : 503, Readiness(ready: report.isReady, missing: report.missing))
        case "/metrics":
            metrics.update(report)
            return OperationsAnswer(status: 200, type: PrometheusText.contentType, body: registry.text)
        default: return .json(200, report)
        }
    }

    private static let ended = OperationsAnswer.json(503, Readiness(ready: false, missing: ["the base has ended"]))

    private struct Liveliness: Encodable {
        var live: Bool
        var missing: [String]
    }

    private struct Readiness: Encodable {
        var ready: Bool
        var missing: [String]
    }

    /// Nil when the base is at its end.
    private func report() async -> StatusReport? {
        guard let deliveries = try? await deliveries() else { return nil }
        let survey = await units()
        let now = OutboxClock.system.monotonic()
        var report = StatusReport()
        report.version = Gateway.version
        report.uptimeSeconds = (now - start).inSeconds.rounded()
        report.units = StatusReport.Units(survey.units, survey.totals, at: now)
        report.deliveries = deliveries
        report.requests = await requests()
        report.ownership = await ownership()
        report.configuration = await configuration()
        report.missing = report.whatIsMissing(settings)
        report.isReady = report.missing.isEmpty
        return report
    }
}

enum OperationsError: Error, Equatable, CustomStringConvertible {
    case notBound(OperationsSettings.Place, reason: String)

    var description: String {
        switch self {
        case .notBound(let place, let reason):
            "cannot listen on \(place): \(reason); name another place, or \"off\", as operations.listen"
        }
    }
}
