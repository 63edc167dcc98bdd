import AsyncHTTPClient
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnitProtocol

/// Holds this base's units by lease in etcd, so that no two bases hold one at once.
///
/// A unit is dialled after its key was made, and its key is deleted after its socket is closed. When the lease could not
/// be renewed in time everything is dropped before etcd can give it to others; should this process be unable to do that,
/// the kernel ends it (``KernelDeadline``).
actor Leases: Service {
    enum State: Equatable, Sendable {
        /// No lease, and why; nothing is dialled.
        case waiting(String)
        case holding(units: Int)
    }

    /// The lease that is held.
    struct Term {
        let lease: Int64
        var times: LeaseTimes
    }

    /// What commands ask for without waiting for the actor.
    struct Gate {
        var held: Set<IPv4Address> = []
        /// Commands whose unit is nobody's as far as it is known.
        var waiting = HandOvers()
        var busy: Set<IPv4Address> = []
    }

    /// How many descriptors the connections to etcd take at most.
    static let connections = 16
    /// How many units are left at once.
    static let concurrency = 256
    /// The most keys below the prefix.
    static let keyLimit = 200_000
    /// How long a unit may take to close its side before it goes to another base.
    static let releaseLimit = Duration.seconds(3)
    /// The same when the base stops.
    static let stopLimit = Duration.seconds(2)
    /// How long giving the lease back may take when the base stops.
    static let revokeLimit = Duration.seconds(1)

    let settings: ClusterSettings
    let keys: ClusterKeys
    let name: String
    let client: EtcdClient
    let units: Units
    let logger: Logger
    /// The units that are read by whichever base holds them.
    private(set) var wanted: Set<IPv4Address>
    nonisolated let gate = Mutex(Gate())
    private let deadline: KernelDeadline
    private(set) var term: Term?
    private(set) var state = State.waiting("not begun")
    /// Since when there has been no lease, on ``BootClock``; nil while there is one.
    private var missingSince: Duration? = BootClock.now
    private var isFailing = false
    /// Whether the latest look at etcd failed, and that was told.
    var isBlind = false
    var isStopping = false
    var view: ClusterView?
    /// Whether nothing was left to do after the latest look.
    var isSettled = false
    /// The units that may be dialled, with their tokens.
    var held: [IPv4Address: Int64] = [:]
    /// Those of ``held`` that are there for commands alone.
    var onDemand: Set<IPv4Address> = []
    var acquiring: Set<IPv4Address> = []
    /// What is being given up.
    var leaving: Set<Tenure> = []
    /// Those of ``leaving`` that are worked on now.
    var releasing: Set<Tenure> = []
    /// Those of ``releasing`` whose socket is closed, and whose key can be deleted.
    var closed: [Tenure] = []
    var isDeleting = false

    /// - Parameter wanted: The units that are read by whichever base holds them.
    /// - Throws: ``LeaseError/noKernelTimer(_:)``.
    init(
        settings: ClusterSettings, wanted: [IPv4Address], http: HTTPClient, units: Units, logger: Logger
    ) throws(LeaseError) {
        self.settings = settings
        self.wanted = Set(wanted)
        self.units = units
        keys = ClusterKeys(prefix: settings.prefix)
        name = settings.name(of: .random())
        client = EtcdClient(http: http, settings: settings)
        deadline = try KernelDeadline()
        var logger = logger
        logger[metadataKey: "as"] = "\(name)"
        self.logger = logger
    }

    /// How many units this base holds among the others, and what it lacks.
    var standing: StatusReport.Ownership {
        let trouble = if case .waiting(let reason) = state { reason } else { String?.none }
        return StatusReport.Ownership(
            name: name, held: held.count,
            missingSeconds: missingSince.map { (BootClock.now - $0).inSeconds.rounded() }, trouble: trouble)
    }

    func run() async throws {
        let work = Task { await holdTerms() }
        try? await gracefulShutdown()
        // Not this task: it may be cancelled, and the leave is to go on.
        await Task { await leave() }.value
        work.cancel()
        await work.value
    }

    /// Which units are read from now on, by this base and those that are told the same. Until all have been told, each shares
    /// with those that read what it reads.
    func setWanted(_ addresses: [IPv4Address]) async {
        wanted = Set(addresses)
        isSettled = false
        for unit in onDemand.intersection(wanted) {
            guard let token = held[unit], let lease = term?.lease else { continue }
            onDemand.remove(unit)
            if await !units.hold(unit, token: token, lease: lease, isRead: true) {
                giveUp(Tenure(unit: unit, token: token), lease)
            }
        }
    }

    /// One lease after the other, for ever.
    private func holdTerms() async {
        var backoff = Backoff(minimum: .milliseconds(250), maximum: min(.seconds(5), settings.lease / 2))
        while !Task.isCancelled, !isStopping {
            var lost: Int64?
            do {
                let sent = BootClock.now
                let (lease, ttl) = try await client.grant(ttl: Int(settings.lease.components.seconds))
                lost = lease
                try await begin(lease, LeaseTimes(sent: sent, ttl: min(.seconds(ttl), settings.lease)))
                backoff.reset()
                try await hold(lease)
            } catch {
                if !(error is CancellationError) { note(error) }
            }
            await drop()
            // Nothing of it is open any more: the others need not wait for its end.
            if let lost { try? await client.revoke(lost) }
            try? await Task.sleep(for: backoff.next(fraction: .random(in: 0...1)))
        }
    }

    private func begin(_ lease: Int64, _ times: LeaseTimes) async throws {
        guard try await client.create(keys.base(name), Rendezvous.digest(wanted), lease: lease) != nil else {
            throw LeaseError.nameTaken(name)
        }
        guard BootClock.now < times.drop else { throw LeaseError.overdue }
        guard !isStopping else { throw CancellationError() }
        term = Term(lease: lease, times: times)
        deadline.arm(times.kill)
        await units.open(lease)
        isFailing = false
        (state, missingSince) = (.holding(units: 0), nil)
        logger.notice("lease.held", metadata: ["lease": "\(lease)"])
    }

    /// - Throws: Why the lease is held no more; by then everything has been dropped.
    private func hold(_ lease: Int64) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.dropping { try await self.renew(lease) } }
            group.addTask { try await self.dropping { try await self.watch() } }
            group.addTask { try await self.dropping { try await self.coordinate(lease) } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Drops everything before the others are waited for.
    private func dropping(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            if !(error is CancellationError) { await drop() }
            throw error
        }
    }

    /// Renews the lease, for ever.
    private func renew(_ lease: Int64) async throws {
        while true {
            try await Task.sleep(for: settings.renewalPause)
            var isRenewed = false
            while !isRenewed {
                let sent = BootClock.now
                do {
                    let ttl = try await client.keepAlive(lease)
                    try extend(LeaseTimes(sent: sent, ttl: min(.seconds(ttl), settings.lease)))
                    isRenewed = true
                } catch let error as LeaseError where error.mayPass {
                    logger.debug("lease.unrenewed", metadata: ["why": "\(error)"])
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }
    }

    private func extend(_ times: LeaseTimes) throws(LeaseError) {
        // An answer that comes after the drop brings nothing back.
        guard let term, BootClock.now < term.times.drop else { throw .overdue }
        guard times.end > term.times.end else { return }
        self.term?.times = times
        deadline.arm(times.kill)
    }

    /// Returns never; throws when the lease was not renewed in time.
    private func watch() async throws {
        while let term {
            let rest = term.times.drop - BootClock.now
            guard rest > .zero else { throw LeaseError.overdue }
            try await Task.sleep(for: rest)
        }
        throw LeaseError.overdue
    }

    /// Whether units may be dialled under this lease.
    func isHolding(_ lease: Int64) -> Bool {
        guard let term, term.lease == lease, !isStopping else { return false }
        return BootClock.now < term.times.drop
    }

    func noteState() {
        if term != nil { state = .holding(units: held.count) }
    }

    /// Resets all connections; nothing is dialled until there is another lease.
    private func drop() async {
        guard term != nil else { return }
        term = nil
        (state, missingSince) = (.waiting("the lease is held no more"), BootClock.now)
        forget()
        await units.endAll(within: .zero)
        // Another term cannot have begun: the one task that begins them waits for this.
        if term == nil { deadline.disarm() }
    }

    private func forget() {
        held = [:]
        onDemand = []
        leaving = []
        view = nil
        isSettled = false
        gate.withLock { $0.held = [] }
    }

    private func note(_ error: any Error) {
        state = .waiting("\(error)")
        logger.log(
            level: isFailing ? .debug : .warning, "lease.lost",
            metadata: ["why": "\(error)", "what": "no unit is connected until there is another lease"])
        isFailing = true
    }

    /// Those that wait for the stop have little time: it ends in ``revokeLimit``, whatever etcd does.
    private func revoke(_ lease: Int64) async throws {
        try await withThrowingTaskGroup(of: Void.self) { [client] group in
            group.addTask { try await client.revoke(lease) }
            group.addTask {
                try await Task.sleep(for: Self.revokeLimit)
                throw LeaseError.unreachable("etcd has not answered within \(Self.revokeLimit.settingsText)")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Leaves all units politely and gives them to the others at once.
    private func leave() async {
        isStopping = true
        forget()
        await units.endAll(within: Self.stopLimit)
        guard let lease = term?.lease else { return }
        term = nil
        deadline.disarm()
        do {
            try await revoke(lease)
        } catch {
            logger.warning("lease.unrevoked", metadata: ["why": "\(error)", "what": "the units are free when it ends"])
        }
    }
}
