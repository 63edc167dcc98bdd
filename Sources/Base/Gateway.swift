import AsyncHTTPClient
import Daemon
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The base, put together: units, deliveries, requests, and what some bases have beside them, as services.
struct Gateway {
    static let version = "0.1.0"
    /// The most units that are connected for commands alone at one time; fewer where there are too few descriptors.
    static let mostOnDemand = 1024

    let services: [any Service]
    /// What must not stand still.
    let vitals: [Pulse.Part]
    private let clients: [HTTPClient]
    private let plain: PlainClient?

    /// - Parameters:
    ///   - descriptors: How many the connections may take.
    ///   - file: Where the configuration stands, to be read anew; nil: never.
    ///   - manager: Is told when it is read anew.
    ///   - started: Called once, when all read units are being connected and `operations.listen` is had.
    /// - Throws: ``GatewayError/tooFewDescriptors(units:needed:reserve:limit:)``, why the outbox was not opened, and what is wrong
    ///   with a certificate.
    init(
        configuration: Configuration, descriptors: Int, file: String, manager: ServiceManager, logger: Logger,
        started: @escaping @Sendable () -> Void
    ) async throws {
        let connections = descriptors - Self.descriptors(besidesUnits: configuration)
        guard connections >= configuration.clients.count + Units.fewestOnDemand else {
            throw GatewayError.tooFewDescriptors(
                units: configuration.clients.count,
                needed: Self.descriptors(for: configuration) + Units.fewestOnDemand, reserve: DescriptorLimit.reserve,
                limit: DescriptorLimit.current)
        }
        let group = MultiThreadedEventLoopGroup.singleton
        var clients: [HTTPClient] = []
        do {
            let http = try HTTPClient(
                trusting: configuration.api.tls, timeout: configuration.webhook.timeout,
                connections: configuration.webhook.concurrency + 1, group: group)
            clients.append(http)
            let etcd = try configuration.cluster.map { settings in
                try HTTPClient(
                    trusting: settings.tls, timeout: settings.attemptTimeout, connections: Leases.connections,
                    group: group)
            }
            if let etcd { clients.append(etcd) }
            plain = PlainOrigin(configuration.api.url).map { origin in
                PlainClient(
                    origin: origin, most: configuration.webhook.concurrency + 1, timeout: configuration.webhook.timeout,
                    answerLimit: WebhookClient.answerLimit, group: group)
            }
            let assembly = try Assembly(
                configuration, connections: connections, http: http, plain: plain, etcd: etcd, group: group,
                logger: logger, started: started)
            services = assembly.services(rereading: file, manager: manager, logger: logger)
            vitals = assembly.vitals
            self.clients = clients
        } catch {
            // A client that is left as it is ends the process when it is forgotten.
            for client in clients { try? await client.shutdown() }
            throw error
        }
    }

    /// Returns when each event loop, the units and the outbox's thread have answered; where one stands still it never does.
    @Sendable func answers() async {
        for vital in vitals { await vital.ask() }
    }

    /// How long the connections may take to close: a TLS peer that is silent would have each waited for.
    private static let closeLimit = Duration.seconds(1)

    /// Returns within ``closeLimit``; what is not closed then ends with the process.
    func close() async {
        let (closed, done) = AsyncStream<Void>.makeStream()
        Task { [plain, clients] in
            await plain?.close()
            for client in clients { try? await client.shutdown() }
            done.finish()
        }
        Task {
            try? await Task.sleep(for: Self.closeLimit)
            done.finish()
        }
        for await _ in closed {}
    }

    /// The broker's, the question for batches, the files of the outbox and the dead letters, and who asks for metrics.
    private static let files = 32

    /// One a unit that is read, those of the webhook, and a few. Results go over those of the webhook.
    private static func descriptors(for configuration: Configuration) -> Int {
        configuration.clients.count + descriptors(besidesUnits: configuration)
    }

    private static func descriptors(besidesUnits configuration: Configuration) -> Int {
        // Those of single measurements are apart where they go over plain HTTP.
        configuration.webhook.concurrency * (PlainOrigin(configuration.api.url) == nil ? 1 : 2) + files
            + (configuration.cluster == nil ? 0 : Leases.connections)
            + Discovery.descriptors(for: configuration.discovery)
            // Each unit that streams has a connection to the hub's signalling.
            + (configuration.live.map { $0.units?.count ?? min(configuration.clients.count, LiveSettings.mostUnits) }
                ?? 0)
    }

    /// How many descriptors the connections of a base with this configuration take at most.
    static func mostDescriptors(for configuration: Configuration) -> Int {
        descriptors(for: configuration) + mostOnDemand
    }
}
