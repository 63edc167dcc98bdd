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
    /// Returns when each event loop, the units and the outbox's thread have answered; one that stands still never does.
    let answers: @Sendable () async -> Void
    private let http: HTTPClient

    /// - Parameters:
    ///   - descriptors: How many the connections may take.
    ///   - started: Called once, when all read units are being connected.
    /// - Throws: ``GatewayError/tooFewDescriptors(units:needed:available:)``, and why the outbox was not opened.
    init(
        configuration: Configuration, descriptors: Int, logger: Logger, started: @escaping @Sendable () -> Void
    ) async throws {
        let connections = descriptors - Self.descriptors(besidesUnits: configuration)
        guard connections >= configuration.clients.count + Units.fewestOnDemand else {
            throw GatewayError.tooFewDescriptors(
                units: configuration.clients.count,
                needed: Self.descriptors(for: configuration) + Units.fewestOnDemand, available: descriptors)
        }
        let group = MultiThreadedEventLoopGroup.singleton
        http = Self.httpClient(configuration.webhook, group: group)
        do {
            (services, answers) = try Self.parts(
                configuration: configuration, connections: connections, http: http, group: group, logger: logger,
                started: started)
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// Stopped in reverse: no new requests, then the units are left, and given to others, and at last what they have said,
    /// and what became of requests, is delivered.
    private static func parts(
        configuration: Configuration, connections: Int, http: HTTPClient, group: any EventLoopGroup, logger: Logger,
        started: @escaping @Sendable () -> Void
    ) throws -> (services: [any Service], answers: @Sendable () async -> Void) {
        let webhook = WebhookClient(http: http, api: configuration.api, timeout: configuration.webhook.timeout)
        let deliveries = try Deliveries.open(
            in: configuration.outbox.place, configuration, webhook: webhook, logger: logger)
        let units = Units(
            configuration: configuration, connectionLimit: connections, isLeased: configuration.cluster != nil,
            group: group, logger: logger,
            deliver: { unit, measurement in deliveries.accept(measurement, from: unit) }, started: started)
        let reports = RequestReports(webhook: webhook, logger: logger)
        let leases = try configuration.cluster.map { settings in
            try Leases(settings: settings, wanted: configuration.clients, http: http, units: units, logger: logger)
        }
        let requests = try Requests(
            settings: configuration.pusher, group: group, webhook: webhook, reports: reports,
            send: leases?.send ?? units.send, version: version, logger: logger)
        let discovery = configuration.discovery.map { settings in
            Discovery(
                settings: settings, read: Set(configuration.clients), allowed: configuration.allowed, units: units,
                sender: ProposalSender(logger: logger) { await webhook.propose($0) }, group: group, logger: logger)
        }
        let optional: [(any Service)?] = [leases, discovery]
        return (
            [deliveries, reports, units] + optional.compactMap(\.self) + [requests],
            {
                for loop in group.makeIterator() { try? await loop.submit {}.get() }
                await units.answer()
                await deliveries.answer()
            }
        )
    }

    /// The broker's, the question for batches, and the files of the outbox and the dead letters.
    private static let files = 16

    /// One a unit that is read, those of the webhook, and a few. Results go over those of the webhook.
    private static func descriptors(for configuration: Configuration) -> Int {
        configuration.clients.count + descriptors(besidesUnits: configuration)
    }

    private static func descriptors(besidesUnits configuration: Configuration) -> Int {
        configuration.webhook.concurrency + Self.files + (configuration.cluster == nil ? 0 : Leases.connections)
            + Discovery.descriptors(for: configuration.discovery)
    }

    /// How many descriptors the connections of a base with this configuration take at most.
    static func mostDescriptors(for configuration: Configuration) -> Int {
        descriptors(for: configuration) + mostOnDemand
    }

    func close() async {
        try? await http.shutdown()
    }

    private static func httpClient(_ settings: WebhookSettings, group: any EventLoopGroup) -> HTTPClient {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.certificateVerification = .fullVerification
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        // A redirect would carry the token elsewhere.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        // The deadline of a request ends with the head of its answer; from there on silence has this limit.
        configuration.timeout.read = TimeAmount(settings.timeout)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.concurrency + 1
        return HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }
}
