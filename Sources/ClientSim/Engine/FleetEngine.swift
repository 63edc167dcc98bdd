import Foundation
import Glibc
import Synchronization

/// Runs the units of a shard on real sockets, on a thread of its own; decides nothing.
final class FleetEngine: FleetHost {
    private enum Request: Sendable {
        case start(CheckedContinuation<Void, any Error>)
        case inject(FaultEvent, CheckedContinuation<Int, Never>)
        case snapshot(CheckedContinuation<FleetSnapshot, Never>)
        case halt(CheckedContinuation<[Int: MeasuredLines], Never>)
        case stop(CheckedContinuation<Void, Never>)
    }

    private struct Inbox {
        var requests: [Request] = []
        var hasEnded = false
    }

    /// What an engine hears of its units, on its thread; must not block.
    struct Listener: Sendable {
        var report: @Sendable (_ number: Int, UnitReport.Event) -> Void
        var problem: @Sendable (_ number: Int, any Error) -> Void
    }

    /// From so many units on the thread rests for two milliseconds instead of one: there is something to do in each, and each
    /// waking costs.
    private static let largeFleet = 4000

    private typealias Scheduler = FleetScheduler<EpollNetwork>

    private let fleet: FleetFile
    private let shard: Shard
    private let interest: UnitInterest
    private let listener: Listener
    private let waker = EventWaker()
    private let inbox = Mutex(Inbox())

    init(fleet: FleetFile, shard: Shard, interest: UnitInterest, listener: Listener) {
        self.fleet = fleet
        self.shard = shard
        self.interest = interest
        self.listener = listener
    }

    func open() async throws -> [Int] {
        try await withCheckedThrowingContinuation { opened in
            let thread = Thread { [self] in run(opened) }
            thread.name = "units"
            thread.start()
        }
    }

    func start() async throws {
        try await withCheckedThrowingContinuation { ask(.start($0)) }
    }

    func inject(_ event: FaultEvent) async -> Int {
        await withCheckedContinuation { ask(.inject(event, $0)) }
    }

    func snapshot() async -> FleetSnapshot {
        await withCheckedContinuation { ask(.snapshot($0)) }
    }

    func halt() async -> [Int: MeasuredLines] {
        await withCheckedContinuation { ask(.halt($0)) }
    }

    func stop() async {
        await withCheckedContinuation { ask(.stop($0)) }
    }

    func watch() async throws {
        let (never, _) = AsyncStream.makeStream(of: Void.self)
        for await _ in never {}
    }

    private func ask(_ request: Request) {
        let isTaken = inbox.withLock { inbox in
            if !inbox.hasEnded { inbox.requests.append(request) }
            return !inbox.hasEnded
        }
        if isTaken { waker.wake() } else { Self.refuse(request) }
    }

    /// Answers for a thread that has ended.
    private static func refuse(_ request: Request) {
        switch request {
        case .start(let reply): reply.resume(throwing: CancellationError())
        case .inject(_, let reply): reply.resume(returning: 0)
        case .snapshot(let reply): reply.resume(returning: FleetSnapshot())
        case .halt(let reply): reply.resume(returning: [:])
        case .stop(let reply): reply.resume()
        }
    }

    private func run(_ opened: CheckedContinuation<[Int], any Error>) {
        let clock = RunClock()
        let scheduler: Scheduler
        do {
            let count = shard.unitCount(of: fleet.layout.count)
            scheduler = FleetScheduler(
                fleet: fleet, shard: shard, network: try EpollNetwork(units: count, waker: waker), interest: interest,
                clock: { clock.now }, report: listener.report, problem: listener.problem)
            opened.resume(returning: try scheduler.open())
        } catch {
            opened.resume(throwing: error)
            end()
            return
        }
        let ending = serve(scheduler, clock)
        // The sockets are closed by now.
        end()
        ending?.resume()
    }

    private func end() {
        let left = inbox.withLock { inbox in
            inbox.hasEnded = true
            defer { inbox.requests = [] }
            return inbox.requests
        }
        for request in left { Self.refuse(request) }
    }

    /// - Returns: Who waits for the end.
    private func serve(_ scheduler: consuming Scheduler, _ clock: RunClock) -> CheckedContinuation<Void, Never>? {
        let poller = scheduler.network.poller
        let rest = scheduler.slots.count < Self.largeFleet ? 1 : 2
        var isRunning = false
        while true {
            let wait = scheduler.hasMore ? 0 : clock.milliseconds(to: scheduler.nextTick, atLeast: rest)
            let count = poller.wait(milliseconds: isRunning ? wait : nil)
            if isRunning { scheduler.advance(to: clock.now) }
            for index in 0..<count {
                guard let event = poller[index] else { continue }
                handle(event, scheduler)
            }
            if isRunning { scheduler.goOn() }
            for request in inbox.withLock({ inbox in
                defer { inbox.requests = [] }
                return inbox.requests
            }) {
                switch request {
                case .start(let reply):
                    clock.start()
                    reply.resume(with: Result { try scheduler.start() })
                    isRunning = true
                case .halt(let reply):
                    isRunning = false
                    reply.resume(returning: scheduler.measured)
                case .stop(let reply): return reply
                default: answer(request, scheduler, clock)
                }
            }
        }
    }

    private func answer(_ request: Request, _ scheduler: Scheduler, _ clock: RunClock) {
        switch request {
        case .inject(let event, let reply): reply.resume(returning: scheduler.inject(event))
        case .snapshot(let reply):
            var snapshot = FleetSnapshot()
            (snapshot.at, snapshot.counts, snapshot.lag) = (clock.now, scheduler.counts, scheduler.lag)
            reply.resume(returning: snapshot)
        case .start, .halt, .stop: Self.refuse(request)
        }
    }

    private func handle(_ event: EventPoller.Event, _ scheduler: Scheduler) {
        switch scheduler.network.subject(of: event) {
        case .client(let unit): scheduler.clientWaits(unit)
        case .vanished(let unit): scheduler.network.resetVanished(unit)
        case .connection(let unit):
            if event.isWritable { scheduler.writable(unit) }
            if event.isBroken { scheduler.broken(unit) } else if event.isReadable { scheduler.readable(unit) }
        case nil: break
        }
    }
}

/// The time since the start of a run; confined to one thread.
private final class RunClock {
    private var startedAt: Int

    init() { startedAt = Self.nanoseconds }

    func start() { startedAt = Self.nanoseconds }

    var now: Duration { .nanoseconds(Self.nanoseconds - startedAt) }

    /// How many milliseconds to wait for a tick, none or at least `rest`; nil is without end.
    func milliseconds(to tick: UInt64?, atLeast rest: Int) -> Int? {
        guard let tick else { return nil }
        let left = Int(tick) * 1_000_000 - (Self.nanoseconds - startedAt)
        return left > 0 ? max(rest, (left + 999_999) / 1_000_000) : 0
    }

    private static var nanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
