import Channels
import Daemon
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A hub, put together: what it keeps, what it serves, and the services that run it.
struct HubServer: Sendable {
    /// What is known once the hub listens.
    struct Ready: Sendable, Equatable {
        var port: Int
        /// The first user's password, on the first start only.
        var password: String?
    }

    static let firstUser = "admin"
    /// The most connections that are served at once; further ones wait in the kernel's queue. Fewer where there are too few
    /// descriptors.
    private static let connectionsLimit = 12_000

    let store: Store
    let credentials: HubCredentials
    let accounts: Accounts
    private let configuration: HubConfiguration
    private let logger: Logger
    private let assets: PageAssets
    private let lock: StateLock

    /// Takes the state directory and opens what is in it, or makes it.
    ///
    /// - Throws: ``HubError``, ``PageAssetsError``, or an error of the database.
    init(configuration: HubConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        assets = try PageAssets(resources: configuration.resources)
        let directory = try StateDirectory.create(at: configuration.stateDirectory)
        lock = try directory.lock()
        credentials = try HubCredentials.load(in: directory)
        store = try Store(in: directory)
        accounts = Accounts(
            store: store, passwords: PasswordGate(costs: configuration.passwordCosts), logger: logger,
            now: Timestamp.now, uptime: Self.uptime)
    }

    /// The services of the hub, in the order in which they start; they stop in the reverse order.
    ///
    /// - Parameter onReady: Called once, when the hub listens and has its first user.
    func services(onReady: @escaping @Sendable (Ready) async -> Void) async throws -> [any Service] {
        let announcer = ReadyAnnouncer(
            accounts: accounts, firstUser: try await accounts.firstUser(named: Self.firstUser), onReady: onReady)
        let app = credentials.app
        let webhooks = WebhookSender(urls: configuration.webhooks, credentials: app, logger: logger)
        let broker = Broker(credentials: app, webhooks: webhooks, logger: logger)
        let base = BaseLink()
        let tokens = TokenVerifier(store: store, logger: logger, now: Timestamp.now, uptime: Self.uptime)
        let ticketKey = DeviceTicketKey(appSecret: app.secret)
        let signalling = SignallingDesk(
            admission: SignallingAdmission(
                store: store, accounts: accounts, tokens: tokens, ticketKey: ticketKey, now: Timestamp.now),
            uptime: Self.uptime, logger: logger)
        let application = Application(
            router: try router(broker: broker, base: base, tokens: tokens, ticketKey: ticketKey),
            server: .broker(broker, appKey: app.key, signalling: signalling),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    DescriptorLimit.raise(for: Self.connectionsLimit))),
            onServerRunning: { announcer.listening(on: $0.localAddress?.port ?? 0) },
            logger: logger.quieter)
        let retention = Retention(keep: configuration.retention, store: store, logger: logger)
        // Stopped in reverse: the broker sends its clients away first, or the server would wait for them.
        var services: [any Service] = [retention, announcer]
        if let webhooks { services.append(webhooks) }
        services += [
            WebServer(application: application, host: configuration.host, port: configuration.port),
            BaseWatch(broker: broker, base: base, now: Timestamp.now),
            broker, signalling,
        ]
        return services
    }

    /// Writes the rest to the disk and gives the state directory back. Call it when the services have ended.
    func close() {
        do {
            try store.close()
        } catch {
            logger.warning("hub.close.failed", metadata: ["error": "\(error)"])
        }
    }

    private func router(
        broker: Broker, base: BaseLink, tokens: TokenVerifier, ticketKey: DeviceTicketKey
    ) throws -> Router<HubRequestContext> {
        let writer = MeasurementWriter(store: store)
        let events = LiveEvents(broker: broker)
        let router = Router(context: HubRequestContext.self)
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ErrorResponses())
        router.add(middleware: Authentication(accounts: accounts, tokens: tokens))
        var table = RouteTable(router: router)
        SessionRoutes(accounts: accounts, credentials: credentials, hasChart: assets.hasChart).add(to: &table)
        DeviceRoutes(store: store, events: events).add(to: &table)
        StateRoutes(store: store, base: base).add(to: &table)
        let requests = DeviceRequests()
        let dispatcher = RequestDispatcher(
            store: store, writer: writer, broker: broker,
            channel: try RequestChannel(masterKey: configuration.encryptsRequests ? credentials.masterKey : nil),
            requests: requests, logger: logger, now: Timestamp.now)
        RequestResultRoutes(store: store, requests: requests, events: events, now: Timestamp.now).add(to: &table)
        FoundUnitRoutes(store: store, found: FoundUnits(), events: events, now: Timestamp.now).add(to: &table)
        RequestRoutes(dispatcher: dispatcher).add(to: &table)
        BroadcastingRoutes(authorizer: ChannelAuthorizer(credentials: credentials)).add(to: &table)
        TokenRoutes(store: store, verifier: tokens, now: Timestamp.now).add(to: &table)
        let clocks = BaseClocks()
        WebhookRoutes(store: store, writer: writer, events: events, base: base, clocks: clocks, now: Timestamp.now)
            .add(to: &table)
        BatchWebhookRoutes(writer: writer, events: events, base: base, clocks: clocks, now: Timestamp.now)
            .add(to: &table)
        BrokerRoutes(broker: broker, credentials: credentials.app, unixTime: Self.unixTime).add(to: &table)
        SignallingRoutes(store: store, ticketKey: ticketKey, now: Timestamp.now).add(to: &table)
        PageRoutes(assets: assets).add(to: &table)
        table.refuseOtherMethods()
        return router
    }

    /// Time since an arbitrary moment; it never jumps.
    private static let started = ContinuousClock.now
    @Sendable private static func unixTime() -> Int { Int(Timestamp.now().milliseconds / 1000) }
    @Sendable private static func uptime() -> Duration { ContinuousClock.now - started }
}

extension Logger {
    /// For the libraries below, whose own messages are no events of the hub: errors only.
    fileprivate var quieter: Logger {
        var logger = self
        logger.logLevel = max(logLevel, .error)
        return logger
    }
}
