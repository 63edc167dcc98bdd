import AsyncHTTPClient
import Daemon
import Logging
import NIOCore
import ServiceLifecycle

/// The parts of a base, and who hands what to whom.
struct Assembly {
    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let deliveries: Deliveries
    private let units: Units
    private let reports: RequestReports
    private let leases: Leases?
    private let requests: Requests
    private let discovery: Discovery?
    private let live: LiveUnits?
    private let drainTime = DrainTime()
    private let registry = PrometheusRegistry(BaseMetrics.descriptions)
    private let metrics: BaseMetrics
    private let gate: StartGate

    /// - Parameter connections: The most units that are connected at once.
    init(
        _ configuration: Configuration, connections: Int, http: HTTPClient, plain: PlainClient?, etcd: HTTPClient?,
        group: any EventLoopGroup, logger: Logger, started: @escaping @Sendable () -> Void
    ) throws {
        self.configuration = configuration
        self.group = group
        metrics = BaseMetrics(factory: registry)
        let gate = StartGate(open: started)
        self.gate = gate
        let webhook = WebhookClient(
            http: http, api: configuration.api, timeout: configuration.webhook.timeout, plain: plain)
        let deliveries = try Deliveries.open(
            in: configuration.outbox.place, configuration, webhook: webhook,
            meter: DeliveryMeter(timer: metrics.delivery), drainTime: drainTime, logger: logger)
        let live = configuration.live.map {
            LiveUnits(settings: $0, webhook: webhook, group: group, logger: logger)
        }
        self.live = live
        let units = Units(
            configuration: configuration, connectionLimit: connections, isLeased: configuration.cluster != nil,
            group: group, logger: logger, isOutboxBehind: { deliveries.isBehind },
            deliver: { unit, measurement in
                deliveries.accept(measurement, from: unit)
                live?.take(measurement, from: unit)
            },
            started: { gate.begun(.units) })
        self.deliveries = deliveries
        self.units = units
        reports = RequestReports(webhook: webhook, drainTime: drainTime, logger: logger)
        leases = try etcd.flatMap { http in
            try configuration.cluster.map { settings in
                try Leases(settings: settings, wanted: configuration.clients, http: http, units: units, logger: logger)
            }
        }
        requests = try Requests(
            settings: configuration.pusher, group: group, webhook: webhook, reports: reports,
            send: leases?.send ?? units.send, stopwatch: metrics.command, version: Gateway.version, logger: logger)
        discovery = configuration.discovery.map { settings in
            Discovery(
                settings: settings, units: units,
                sender: ProposalSender(logger: logger) { await webhook.propose($0) }, group: group, logger: logger)
        }
    }

    /// What must not stand still.
    var vitals: [Pulse.Part] {
        let loops = group.makeIterator().enumerated().map { number, loop in
            Pulse.Part(name: "event loop \(number)") { try? await loop.submit {}.get() }
        }
        return loops + [
            Pulse.Part(name: "the units' keeper") { [units] in await units.answer() },
            Pulse.Part(name: "the delivery loop") { [deliveries] in await deliveries.answer() },
            Pulse.Part(name: "the request loop") { [requests] in _ = await requests.status() },
        ]
    }

    /// Stopped in reverse: nothing is read anew, no new requests, then the units are left, and given to others, and then what
    /// they have said, and what became of requests, is delivered. What tells of them all goes last.
    ///
    /// - Parameter file: Where the configuration stands.
    func services(rereading file: String, manager: ServiceManager, logger: Logger) -> [any Service] {
        let reload = Reload(path: file, running: configuration, logger: logger) {
            try ConfigurationOption.read(file)
        } apply: { [units, leases] new in
            try await units.adopt(new, leases: leases)
        } around: { body in
            await manager.reload { await body() }
        }
        let operations = Operations(
            settings: configuration.operations, group: group, registry: registry, metrics: metrics,
            pulse: Pulse(vitals), units: { [units] in await units.survey() },
            deliveries: { [deliveries] in try await deliveries.status() },
            requests: { [requests] in await requests.status() },
            ownership: { [leases] in await leases?.standing }, configuration: { await reload.standing },
            started: { [gate] in gate.begun(.operations) }, logger: logger)
        let optional: [(any Service)?] = [leases, discovery, live]
        return [operations, deliveries, reports, units] + optional.compactMap(\.self) + [requests, reload, drainTime]
    }
}
