import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnitProtocol

/// All units that the base has to do with: one ``UnitLink`` an address, so that there is one connection at most.
actor Units: Service {
    /// The most units that are connected for commands alone at one time.
    private let onDemandLimit: Int
    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let logger: Logger
    private let deliver: @Sendable (IPv4Address, Measurement) -> Void
    private let started: @Sendable () -> Void
    private let dials: DialRate
    private var links: [IPv4Address: UnitLink]
    /// The counts of links that were forgotten.
    private var gone = UnitCounts()
    private nonisolated let handOvers = Mutex(HandOvers())
    private var isStopping = false

    /// - Parameters:
    ///   - onDemandLimit: The most units that are connected for commands alone at one time.
    ///   - started: Called once, when all read units are being connected.
    init(
        configuration: Configuration, onDemandLimit: Int = Gateway.mostOnDemand, group: any EventLoopGroup,
        logger: Logger,
        deliver: @escaping @Sendable (IPv4Address, Measurement) -> Void,
        started: @escaping @Sendable () -> Void = {}
    ) {
        self.configuration = configuration
        self.onDemandLimit = onDemandLimit
        self.group = group
        self.logger = logger
        self.deliver = deliver
        self.started = started
        let dials = DialRate(rate: configuration.units.startRate)
        self.dials = dials
        // Known from the beginning, so that a command that comes early finds the link of its unit and makes no second one.
        links = Dictionary(
            uniqueKeysWithValues: configuration.clients.map { address in
                let link = UnitLink(
                    address: address, isRead: true, settings: configuration, dials: dials, loop: group.next(),
                    logger: logger, deliver: deliver)
                return (address, link)
            })
    }

    /// Reads all configured units until the graceful shutdown, then lets commands finish.
    func run() async throws {
        for link in links.values { await link.start() }
        started()
        try? await gracefulShutdown()
        isStopping = true
        await withTaskGroup(of: Void.self) { group in
            for link in links.values {
                group.addTask { await link.stop() }
            }
        }
    }

    /// Sends a command over the unit's one connection, which is made where there is none. Commands of one unit go in the
    /// order of the calls.
    ///
    /// - Parameter finish: Called once, on any thread; must not block.
    nonisolated func send(
        _ command: Command, to address: IPv4Address, finish: @escaping @Sendable (CommandResult) -> Void
    ) {
        guard configuration.allowed.contains(address) else { return finish(.failed(.notAllowed)) }
        let isFirst = handOvers.withLock { $0.add(HandOver(command: command, finish: finish), to: address) }
        if isFirst { Task { await handOver(to: address) } }
    }

    /// How each unit fares, in the order of the addresses. Each is asked on its own event loop, one after the other, so
    /// the whole is no single moment.
    func status() async -> [UnitStatus] {
        var all: [UnitStatus] = []
        for link in links.values { all.append(await link.status()) }
        return all.sorted { $0.address < $1.address }
    }

    /// The sums over all units, those included whose links were forgotten.
    func totals() async -> UnitTotals {
        // Before the others are asked: a link that is forgotten meanwhile is one of them.
        let gone = gone
        return UnitTotals(await status(), gone: gone)
    }

    /// Both, with one question to each unit.
    func survey() async -> (units: [UnitStatus], totals: UnitTotals) {
        let gone = gone
        let units = await status()
        return (units, UnitTotals(units, gone: gone))
    }

    /// One command after the other: the next one's turn comes when the link has taken the last.
    private func handOver(to address: IPv4Address) async {
        while let next = handOvers.withLock({ $0.next(for: address) }) {
            await handOver(next, to: address)
        }
    }

    private func handOver(_ command: HandOver, to address: IPv4Address) async {
        while !isStopping {
            guard let link = await link(to: address) else { break }
            if await link.take(command) { return }
        }
        command.finish(.failed(isStopping ? .stopping : .tooManyUnits(onDemandLimit)))
    }

    /// Nil when there are too many, or no more are wanted. Asked for one command of a unit at a time.
    private func link(to address: IPv4Address) async -> UnitLink? {
        if let link = links[address] { return link }
        if onDemandCount >= onDemandLimit { await forgetIdle() }
        guard !isStopping, onDemandCount < onDemandLimit else { return nil }
        let link = makeLink(address)
        links[address] = link
        return link
    }

    private var onDemandCount: Int { links.count - configuration.clients.count }

    /// Forgets the links of units that were commanded once and have nothing under way. A link that retires takes no more
    /// commands, so what was about to use it makes a new one and there are never two.
    private func forgetIdle() async {
        let read = Set(configuration.clients)
        for (address, link) in links where !read.contains(address) {
            guard await link.retire() else { continue }
            let counts = await link.status().counts
            guard links[address] === link else { continue }
            links[address] = nil
            gone += counts
        }
    }

    private func makeLink(_ address: IPv4Address) -> UnitLink {
        UnitLink(
            address: address, isRead: false, settings: configuration, dials: dials, loop: group.next(), logger: logger,
            deliver: deliver)
    }
}
