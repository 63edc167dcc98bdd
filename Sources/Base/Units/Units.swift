import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnitProtocol

/// All units that the base has to do with: one ``UnitLink`` an address, so that there is one connection at most.
actor Units: Service {
    /// So many units can be connected for commands alone, however many are read.
    static let fewestOnDemand = 16

    /// The most units that are connected for commands alone at one time.
    private let onDemandLimit: Int
    /// The most connections of all kinds.
    private let connectionLimit: Int
    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let logger: Logger
    private let isOutboxBehind: @Sendable () -> Bool
    private let deliver: @Sendable (IPv4Address, Measurement) -> Void
    private let started: @Sendable () -> Void
    private let dials: DialRate
    private var links: [IPv4Address: UnitLink]
    /// The units that are to be read; each has a link.
    private var read: Set<IPv4Address>
    /// The counts of links that were forgotten.
    private var gone = UnitCounts()
    /// Whether units are held by lease: then only those may be dialled that ``tokens`` has.
    private let isLeased: Bool
    /// The lease that counts now; nil while there is none.
    private var lease: Int64?
    private var tokens: [IPv4Address: Int64] = [:]
    private nonisolated let handOvers = Mutex(HandOvers())
    private nonisolated let allowed: Mutex<AllowedAddresses>
    /// The units that the configuration lists, whichever base reads them.
    private nonisolated let listed: Mutex<Set<IPv4Address>>
    /// Attempts to find out whether there is a unit at an address.
    private var probes: [IPv4Address: Task<FoundUnit.Kind?, Never>] = [:]
    private var isStopping = false

    /// - Parameters:
    ///   - onDemandLimit: The most units that are connected for commands alone at one time.
    ///   - connectionLimit: The most connections of all kinds, at least ``fewestOnDemand`` more than units are read.
    ///   - isLeased: Whether units are held by lease: then none is dialled before ``hold(_:token:lease:isRead:)``.
    ///   - started: Called once, when all read units are being connected.
    init(
        configuration: Configuration, onDemandLimit: Int = Gateway.mostOnDemand,
        connectionLimit: Int = .max, isLeased: Bool = false, group: any EventLoopGroup, logger: Logger,
        isOutboxBehind: @escaping @Sendable () -> Bool = { false },
        deliver: @escaping @Sendable (IPv4Address, Measurement) -> Void,
        started: @escaping @Sendable () -> Void = {}
    ) {
        self.configuration = configuration
        self.onDemandLimit = onDemandLimit
        self.connectionLimit = connectionLimit
        self.isLeased = isLeased
        allowed = Mutex(configuration.allowed)
        listed = Mutex(Set(configuration.clients))
        let read = isLeased ? [] : configuration.clients
        self.read = Set(read)
        self.group = group
        self.logger = logger
        self.deliver = deliver
        self.isOutboxBehind = isOutboxBehind
        self.started = started
        let dials = DialRate(rate: configuration.units.startRate)
        self.dials = dials
        // Known from the beginning, so that a command that comes early finds the link of its unit and makes no second one.
        links = Dictionary(
            uniqueKeysWithValues: read.map { address in
                let link = UnitLink(
                    address: address, isRead: true, settings: configuration, dials: dials, loop: group.next(),
                    logger: logger, isOutboxBehind: isOutboxBehind, deliver: deliver)
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
        guard allows(address) else { return finish(.failed(.notAllowed)) }
        let isFirst = handOvers.withLock { $0.add(HandOver(command: command, finish: finish), to: address) }
        if isFirst { Task { await handOver(to: address) } }
    }

    /// Tries an address at which no unit is known: a unit serves one connection at a time, so one that is read, or that was
    /// sent something and is not forgotten yet, is left alone. A command ends the attempt and waits for its end.
    ///
    /// - Parameter body: Ends soon when it is cancelled, and has closed its connection then.
    /// - Returns: What `body` found; nil also when the address was left alone.
    func probe(_ address: IPv4Address, _ body: @escaping @Sendable () async -> FoundUnit.Kind?) async -> FoundUnit.Kind?
    {
        guard !isStopping, !lists(address), links[address] == nil, probes[address] == nil else { return nil }
        let task = Task { await body() }
        probes[address] = task
        defer { probes[address] = nil }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Ends all attempts; returns when their connections are closed.
    private func endProbes() async {
        let all = Array(probes.values)
        for probe in all { probe.cancel() }
        for probe in all { _ = await probe.value }
    }

    private func endProbe(of address: IPv4Address) async {
        guard let probe = probes[address] else { return }
        probe.cancel()
        _ = await probe.value
    }

    /// How each unit fares, in the order of the addresses. Each is asked on its own event loop, one after the other, so
    /// the whole is no single moment.
    func status() async -> [UnitStatus] {
        var all: [UnitStatus] = []
        for link in links.values {
            var status = await link.status()
            status.token = tokens[link.address]
            all.append(status)
        }
        return all.sorted { $0.address < $1.address }
    }

    /// Returns as soon as it is this actor's turn: it does not stand still.
    func answer() {}

    /// Whether the configuration lists a unit.
    nonisolated func lists(_ address: IPv4Address) -> Bool {
        listed.withLock { $0.contains(address) }
    }

    /// Which units the configuration lists from now on.
    nonisolated func setListed(_ addresses: [IPv4Address]) {
        listed.withLock { $0 = Set(addresses) }
    }

    /// Whether a unit may be sent commands.
    nonisolated func allows(_ address: IPv4Address) -> Bool {
        allowed.withLock { $0.contains(address) }
    }

    /// All units and the sums over them, those included whose links were forgotten, with one question to each unit.
    func survey() async -> (units: [UnitStatus], totals: UnitTotals) {
        // Before the others are asked: a link that is forgotten meanwhile is one of them.
        let gone = gone
        let units = await status()
        return (units, UnitTotals(units, gone: gone))
    }

    /// Which units may be sent commands from now on; those under way go on.
    nonisolated func setAllowed(_ addresses: AllowedAddresses) {
        allowed.withLock { $0 = addresses }
    }

    /// Reads these units from now on and no others. A unit that stays keeps its connection; one that goes is left politely,
    /// after the commands that are under way, and its link is forgotten then.
    ///
    /// Not for units that are held by lease: there ``Leases/setWanted(_:)`` says what is read.
    ///
    /// Returns when all of them have been told. When several calls overlap, the latest one's units count.
    ///
    /// - Throws: ``UnitsError/tooMany(units:limit:)``; then nothing has changed.
    func setRead(_ addresses: [IPv4Address]) async throws(UnitsError) {
        precondition(!isLeased, "what is read is for Leases to say")
        try checkRoom(for: addresses)
        let wanted = Set(addresses)
        let left = read.subtracting(wanted).sorted()
        let added = wanted.subtracting(read).sorted()
        for address in added where links[address] == nil { links[address] = makeLink(address) }
        read = wanted
        for address in left { await converge(address) }
        let leaving = left.compactMap { links[$0] }
        if links.count > connectionLimit {
            await forget(leaving)
        } else if !leaving.isEmpty {
            Task { await forget(leaving) }
        }
        for address in added { await converge(address) }
    }

    /// Whether this process may open connections to so many units that are read. Where bases share units, each must be able
    /// to read all of them, as the others may end.
    ///
    /// - Throws: ``UnitsError/tooMany(units:limit:)``.
    nonisolated func checkRoom(for addresses: [IPv4Address]) throws(UnitsError) {
        let count = Set(addresses).count
        guard count <= mostRead else { throw .tooMany(units: count, limit: mostRead) }
    }

    /// The most units that can be read.
    nonisolated var mostRead: Int { connectionLimit - Self.fewestOnDemand }

    /// Leaves a unit and forgets it: politely, with a reset when `limit` has passed. Returns when its socket is closed. What
    /// is sent to it meanwhile fails.
    func end(_ address: IPv4Address, within limit: Duration) async {
        read.remove(address)
        tokens[address] = nil
        guard let link = links[address] else { return }
        await link.end(within: limit)
        if let counts = await link.retire() { forget(link, counts) }
    }

    /// From now on units can be held under this lease.
    func open(_ lease: Int64) {
        self.lease = lease
    }

    /// Lets a unit be dialled that this base holds.
    ///
    /// - Parameters:
    ///   - token: The fencing token of its ownership.
    ///   - lease: The lease that it is held under; nothing happens when that counts no more.
    /// - Returns: Whether it is held now; false also while too many are read for one more.
    func hold(_ address: IPv4Address, token: Int64, lease: Int64, isRead: Bool) async -> Bool {
        guard lease == self.lease, !isStopping else { return false }
        guard !isRead || read.contains(address) || read.count < mostRead else {
            return false
        }
        tokens[address] = token
        guard isRead else { return true }
        if links[address] == nil { links[address] = makeLink(address) }
        read.insert(address)
        await converge(address)
        return true
    }

    /// Whether nothing is open or under way at a unit.
    func isIdle(_ address: IPv4Address) async -> Bool {
        guard let link = links[address] else { return true }
        return await link.status().state == .idle
    }

    /// Leaves all units, as ``end(_:within:)`` does one, and ends all attempts to find some. Until there is another lease none
    /// can be held.
    func endAll(within limit: Duration) async {
        lease = nil
        tokens = [:]
        read = []
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.endProbes() }
            for address in links.keys {
                group.addTask { await self.end(address, within: limit) }
            }
        }
    }

    /// Tells a unit's link whether it is read, until that is so.
    private func converge(_ address: IPv4Address) async {
        await endProbe(of: address)
        while !isStopping, let link = links[address] {
            let isWanted = read.contains(address)
            if await link.setRead(isWanted), isWanted == read.contains(address) { return }
        }
    }

    /// Waits until nothing is under way at these links, and forgets those that are not read by then.
    private func forget(_ leaving: [UnitLink]) async {
        for link in leaving {
            await link.idle()
            if !read.contains(link.address), let counts = await link.retire() { forget(link, counts) }
        }
    }

    /// - Parameter link: It has retired. A unit that is to be read meanwhile gets another one.
    private func forget(_ link: UnitLink, _ counts: UnitCounts) {
        guard links[link.address] === link else { return }
        links[link.address] = read.contains(link.address) ? makeLink(link.address) : nil
        gone += counts
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
        let isElsewhere = isLeased && tokens[address] == nil
        command.finish(.failed(isStopping ? .stopping : isElsewhere ? .elsewhere : .tooManyUnits(mostOnDemand)))
    }

    /// Nil when there are too many, or no more are wanted. Asked for one command of a unit at a time.
    private func link(to address: IPv4Address) async -> UnitLink? {
        if let link = links[address] { return link }
        if onDemandCount >= mostOnDemand { await forgetIdle() }
        await endProbe(of: address)
        if let link = links[address] { return link }
        guard !isLeased || tokens[address] != nil else { return nil }
        guard !isStopping, onDemandCount < mostOnDemand else { return nil }
        let link = makeLink(address)
        links[address] = link
        return link
    }

    private var onDemandCount: Int { links.count - read.count }
    private var mostOnDemand: Int { min(onDemandLimit, connectionLimit - read.count) }

    /// Forgets the links of units that were commanded once and have nothing under way. A link that retires takes no more
    /// commands, so what was about to use it makes a new one and there are never two.
    private func forgetIdle() async {
        for (address, link) in links where !read.contains(address) {
            if let counts = await link.retire() { forget(link, counts) }
        }
    }

    private func makeLink(_ address: IPv4Address) -> UnitLink {
        UnitLink(
            address: address, isRead: false, settings: configuration, dials: dials, loop: group.next(), logger: logger,
            isOutboxBehind: isOutboxBehind, deliver: deliver)
    }
}
