import Logging
import NIOCore
import ServiceLifecycle
import UnitProtocol

/// All units that the base has to do with: one ``UnitLink`` an address, so that there is one connection at most.
actor Units: Service {
    /// The most units that are connected for commands alone at one time.
    static let onDemandLimit = 1024

    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let logger: Logger
    private let deliver: @Sendable (IPv4Address, Measurement) -> Void
    private var links: [IPv4Address: UnitLink] = [:]
    private var isStopping = false

    init(
        configuration: Configuration, group: any EventLoopGroup, logger: Logger,
        deliver: @escaping @Sendable (IPv4Address, Measurement) -> Void
    ) {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        self.deliver = deliver
    }

    /// Reads all configured units until the graceful shutdown, then lets commands finish.
    func run() async throws {
        for address in configuration.clients {
            let link = makeLink(address, isRead: true)
            links[address] = link
            await link.start()
        }
        try? await gracefulShutdown()
        isStopping = true
        await withTaskGroup(of: Void.self) { group in
            for link in links.values {
                group.addTask { await link.stop() }
            }
        }
    }

    /// Sends a command over the unit's one connection, which is made where there is none.
    func send(_ command: Command, to address: IPv4Address) async -> CommandResult {
        guard configuration.allowed.contains(address) else { return .failed(.notAllowed) }
        guard !isStopping else { return .failed(.stopping) }
        if let link = links[address] { return await link.send(command) }
        if links.count - configuration.clients.count >= Self.onDemandLimit {
            await forgetIdle()
        }
        guard links.count - configuration.clients.count < Self.onDemandLimit else {
            return .failed(.tooManyUnits(Self.onDemandLimit))
        }
        // While idle links were asked, another command may have made this one.
        let link = links[address] ?? makeLink(address, isRead: false)
        links[address] = link
        return await link.send(command)
    }

    /// Forgets the links of units that were commanded once and have nothing under way.
    private func forgetIdle() async {
        let read = Set(configuration.clients)
        for (address, link) in links where !read.contains(address) {
            if await link.isIdle { links[address] = nil }
        }
    }

    private func makeLink(_ address: IPv4Address, isRead: Bool) -> UnitLink {
        UnitLink(
            address: address, isRead: isRead, settings: configuration, loop: group.next(), logger: logger,
            deliver: deliver)
    }
}
