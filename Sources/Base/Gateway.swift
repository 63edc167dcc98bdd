import AsyncHTTPClient
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// The base, put together: units, deliveries and requests as services.
struct Gateway {
    static let version = "0.1.0"
    /// The most units that are connected for commands alone at one time; fewer where there are too few descriptors.
    static let mostOnDemand = 1024

    let services: [any Service]
    private let http: HTTPClient

    /// - Parameters:
    ///   - descriptors: How many the connections may take.
    ///   - file: Where the configuration was read, for reading it anew; nil: it never changes.
    ///   - started: Called once, when all read units are being connected.
    /// - Throws: ``GatewayError/tooFewDescriptors(units:needed:available:)``, and why the outbox was not opened.
    init(
        configuration: Configuration, descriptors: Int, file: String? = nil, logger: Logger,
        started: @escaping @Sendable () -> Void
    ) throws {
        let connections = descriptors - Self.descriptors(besidesUnits: configuration)
        guard connections >= configuration.clients.count + Units.fewestOnDemand else {
            throw GatewayError.tooFewDescriptors(
                units: configuration.clients.count,
                needed: Self.descriptors(for: configuration) + Units.fewestOnDemand, available: descriptors)
        }
        let group = MultiThreadedEventLoopGroup.singleton
        http = try Self.httpClient(configuration.webhook, configuration.api.tls, group: group)
        do {
            services = try Self.services(
                configuration, connections: connections, file: file, http: http, group: group, logger: logger,
                started: started)
        } catch {
            // A client that is left as it is ends the process when it is forgotten.
            try? http.syncShutdown()
            throw error
        }
    }

    private static func services(
        _ configuration: Configuration, connections: Int, file: String?, http: HTTPClient, group: any EventLoopGroup,
        logger: Logger, started: @escaping @Sendable () -> Void
    ) throws -> [any Service] {
        let webhook = WebhookClient(http: http, api: configuration.api, timeout: configuration.webhook.timeout)
        let registry = PrometheusRegistry(BaseMetrics.descriptions)
        let metrics = BaseMetrics(factory: registry)
        let deliveries = try Deliveries.open(
            in: configuration.outbox.place, configuration, webhook: webhook,
            meter: DeliveryMeter(timer: metrics.delivery), logger: logger)
        let units = Units(
            configuration: configuration, connectionLimit: connections, group: group, logger: logger,
            deliver: { unit, measurement in deliveries.accept(measurement, from: unit) }, started: started)
        let reports = RequestReports(webhook: webhook, logger: logger)
        let requests = try Requests(
            settings: configuration.pusher, group: group, webhook: webhook, units: units, reports: reports,
            stopwatch: metrics.command, version: version, logger: logger)
        let reload = file.map { file in
            Reload(path: file, running: configuration, logger: logger) {
                try ConfigurationOption.read(file)
            } apply: { new in
                try await units.setRead(new.clients)
                units.setAllowed(new.allowed)
            }
        }
        let operations = Operations(
            settings: configuration.operations, group: group, registry: registry, metrics: metrics,
            units: { await units.survey() }, deliveries: { try await deliveries.status() },
            requests: { await requests.status() },
            configuration: { await reload?.standing ?? Reload.Standing() }, logger: logger)
        // Stopped in reverse: no new requests, then the units, and at last what they have said, and what became of
        // requests, is delivered.
        // What tells of them all goes last.
        return [operations, deliveries, reports, units, requests] + (reload.map { [$0] } ?? [])
    }

    /// The broker's, the question for batches, the files of the outbox and the dead letters, and who asks for metrics.
    private static let files = 32

    /// One a unit that is read, those of the webhook, and a few. Results go over those of the webhook.
    private static func descriptors(for configuration: Configuration) -> Int {
        configuration.clients.count + descriptors(besidesUnits: configuration)
    }

    private static func descriptors(besidesUnits configuration: Configuration) -> Int {
        configuration.webhook.concurrency + Self.files
    }

    /// How many descriptors the connections of a base with this configuration take at most.
    static func mostDescriptors(for configuration: Configuration) -> Int {
        descriptors(for: configuration) + mostOnDemand
    }

    func close() async {
        try? await http.shutdown()
    }

    private static func httpClient(
        _ settings: WebhookSettings, _ trust: TLSSettings, group: any EventLoopGroup
    ) throws -> HTTPClient {
        var configuration = HTTPClient.Configuration(tlsConfiguration: try trust.configuration())
        if !trust.pins.isEmpty {
            // Called when the handshake is over and before a request gets the connection.
            let check: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
                channel.nioSSL_peerCertificate().flatMapThrowing { try trust.checkKey($0) }
                    .flatMapError { error in
                        channel.close(promise: nil)
                        return channel.eventLoop.makeFailedFuture(error)
                    }
            }
            configuration.http1_1ConnectionDebugInitializer = check
            configuration.http2ConnectionDebugInitializer = check
        }
        // A redirect would carry the token elsewhere.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        // The deadline of a request ends with the head of its answer; from there on silence has this limit.
        configuration.timeout.read = TimeAmount(settings.timeout)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.concurrency + 1
        return HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }
}
