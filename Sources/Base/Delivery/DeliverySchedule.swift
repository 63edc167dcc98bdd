import Collections
import UnitProtocol

/// Whose turn it is to be delivered: measurements and answers in, requests out.
///
/// A value without I/O; times count from any fixed moment. Each unit has at most one request under way, which keeps its
/// order; units take turns, so that a talkative one does not hold up the others. What waits is in the outbox; the oldest
/// few of each unit are held here.
struct DeliverySchedule: Sendable {
    struct Delivery: Equatable, Sendable {
        var number: Int
        /// Those of one unit stand in their order.
        var records: [OutboxRecord]
    }

    enum Action: Equatable, Sendable {
        case deliver(Delivery)
        /// Read so many records of the unit from the outbox, behind a sequence.
        case load(IPv4Address, after: UInt64?, limit: Int)
        case acknowledge([OutboxReference])
        /// The dashboard will never take it.
        case bury(OutboxRecord, status: UInt16, reason: String)
        /// Call ``wake(at:)`` then, and not at the time that was asked for before.
        case wake(at: Duration)
    }

    private struct Pause: Comparable, Sendable {
        var until: Duration
        var unit: IPv4Address

        static func < (one: Pause, other: Pause) -> Bool { one.until < other.until }
    }

    /// The most measurements of all units that are held here.
    static let mostHeld = 100_000
    /// How long a unit rests after a failure: anything up to the limit.
    static let backoff = Backoff(minimum: .milliseconds(500), maximum: .seconds(60), jitter: 1)

    private let settings: WebhookSettings
    private var lanes: [IPv4Address: Lane] = [:]
    private var turns: Deque<IPv4Address> = []
    private var inLine: Set<IPv4Address> = []
    private var pauses = Heap<Pause>()
    private var resting: Set<IPv4Address> = []
    private var underWay: [Int: [OutboxRecord]] = [:]
    private var lastNumber = 0
    private var held = 0
    /// How many the outbox may tell of, where it was asked.
    private var awaited: [IPv4Address: Int] = [:]
    private var awaitedCount = 0
    /// Units whose next measurements are in the outbox alone and are not asked for: there is no room.
    private var hungry: OrderedSet<IPv4Address> = []
    /// How many there are; each once.
    var hungryUnits: Int { hungry.count }
    private var wakesAt: Duration?
    private var backlog: TokenBucket
    private(set) var breaker: CircuitBreaker
    /// The most measurements that one request carries; 1 while the dashboard does not take several.
    var batchLimit = 1
    /// A unit with so many failures in a row goes alone, and with one more one measurement at a time: what is in the way
    /// of others stands there.
    private static let suspectFailures = 2
    /// Measurements that were let go because a newer one of their unit was there.
    private(set) var coalesced = 0

    init(settings: WebhookSettings) {
        self.settings = settings
        breaker = CircuitBreaker(most: settings.concurrency, threshold: settings.breakerFailures)
        backlog = TokenBucket(rate: settings.backlogRate, burst: settings.backlogRate)
    }

    /// Nothing waits or is under way.
    var isEmpty: Bool { lanes.isEmpty }
    var requestsUnderWay: Int { underWay.count }

    // MARK: What comes in

    /// The units of which an earlier run has left something in the outbox. To be called before anything else.
    mutating func restore(_ units: some Sequence<IPv4Address>, at now: Duration) -> [Action] {
        var actions: [Action] = []
        for unit in units.sorted(by: { $0.bits < $1.bits }) {
            change(unit) { $0.restore() }
            actions += load(unit)
        }
        return actions + start(at: now)
    }

    /// What the outbox has accepted, in the order of its sequences.
    mutating func accept(_ records: [OutboxRecord], at now: Duration) -> [Action] {
        var actions: [Action] = []
        let prefersFresh = settings.order == .freshFirst
        for record in records {
            let mayHold = held < Self.mostHeld
            change(record.unit) { $0.add(record, prefersFresh: prefersFresh, mayHold: mayHold) }
            actions += coalesce(record.unit) + load(record.unit)
        }
        return actions + start(at: now)
    }

    /// What the outbox has answered to ``Action/load(_:after:limit:)``.
    mutating func loaded(_ unit: IPv4Address, _ records: [OutboxRecord], at now: Duration) -> [Action] {
        guard let limit = awaited.removeValue(forKey: unit) else { return [] }
        awaitedCount -= limit
        change(unit) { $0.loaded(records) }
        return coalesce(unit) + load(unit) + start(at: now)
    }

    /// What the outbox has given up by itself.
    mutating func dropped(_ references: [OutboxReference], at now: Duration) -> [Action] {
        for reference in references where lanes[reference.unit] != nil {
            change(reference.unit) { $0.drop(reference.sequence) }
        }
        return start(at: now)
    }

    /// The end of a request.
    ///
    /// - Parameter random: Gives numbers from 0 to 1.
    mutating func finished(
        _ number: Int, _ outcome: DeliveryOutcome, at now: Duration, random: () -> Double
    ) -> [Action] {
        guard let records = underWay.removeValue(forKey: number) else { return [] }
        let units = records.count == 1 ? [records[0].unit] : Set(records.map(\.unit)).sorted { $0.bits < $1.bits }
        switch outcome {
        case .answered(let verdicts):
            breaker.succeeded()
            for unit in units { change(unit) { $0.settle() } }
            return Self.consequences(of: verdicts, records) + units.flatMap { load($0) } + start(at: now)
        case .tooMany:
            batchLimit = max(1, min(batchLimit, records.count) / 2)
            for unit in units { change(unit) { $0.fail() } }
            return start(at: now)
        case .retry(_, let after):
            breaker.failed(at: now, after: after, random: random())
            for unit in units {
                resting.insert(unit)
                change(unit) { $0.fail() }
                let pause = Self.backoff.pause(after: lanes[unit]?.failures ?? 1, fraction: random())
                pauses.insert(Pause(until: now + (after ?? .zero) + pause, unit: unit))
            }
            return start(at: now)
        }
    }

    /// Time has passed. No other call is due then: each wish to be woken replaces the one before.
    mutating func wake(at now: Duration) -> [Action] {
        wakesAt = nil
        return start(at: now)
    }

    private static func consequences(of verdicts: [DeliveryOutcome.Verdict], _ records: [OutboxRecord]) -> [Action] {
        var (done, buried): ([OutboxReference], [Action]) = ([], [])
        for (record, verdict) in zip(records, verdicts) {
            switch verdict {
            case .accepted: done.append(record.reference)
            case .rejected(let status, let reason): buried.append(.bury(record, status: status, reason: reason))
            }
        }
        return (done.isEmpty ? [] : [.acknowledge(done)]) + buried
    }

    // MARK: What goes out

    /// Changes a unit's lane, and forgets it where nothing is left in it.
    private mutating func change(_ unit: IPv4Address, _ body: (inout Lane) -> Void) {
        var lane = lanes.removeValue(forKey: unit) ?? Lane()
        held -= lane.held
        body(&lane)
        held += lane.held
        guard !lane.isEmpty else { return }
        lanes[unit] = lane
        if lane.hasNext, !resting.contains(unit), inLine.insert(unit).inserted { turns.append(unit) }
    }

    private mutating func coalesce(_ unit: IPv4Address) -> [Action] {
        guard settings.coalesces else { return [] }
        var old: [OutboxRecord] = []
        change(unit) { old = $0.supersede() }
        coalesced += old.count
        return old.isEmpty ? [] : [.acknowledge(old.map(\.reference))]
    }

    private mutating func load(_ unit: IPv4Address) -> [Action] {
        guard lanes[unit]?.wantsMore == true else { return [] }
        guard held + awaitedCount < Self.mostHeld else {
            hungry.append(unit)
            return []
        }
        var wanted: (after: UInt64?, limit: Int) = (nil, 0)
        change(unit) { wanted = $0.load() }
        awaited[unit] = wanted.limit
        awaitedCount += wanted.limit
        return [.load(unit, after: wanted.after, limit: wanted.limit)]
    }

    /// There may be room again.
    private mutating func feed() -> [Action] {
        var actions: [Action] = []
        while held + awaitedCount < Self.mostHeld, let unit = hungry.first {
            hungry.removeFirst()
            actions += load(unit)
        }
        return actions
    }

    /// Starts as many requests as may be under way, and asks to be woken for the rest.
    private mutating func start(at now: Duration) -> [Action] {
        while let pause = pauses.min, pause.until <= now {
            pauses.removeMin()
            resting.remove(pause.unit)
            if lanes[pause.unit] != nil { change(pause.unit) { _ in } }
        }
        var actions = feed()
        var tokensAt: Duration?
        while underWay.count < breaker.limit(at: now), !turns.isEmpty {
            let records = gather(at: now, &tokensAt)
            guard !records.isEmpty else { break }
            lastNumber += 1
            underWay[lastNumber] = records
            actions.append(.deliver(Delivery(number: lastNumber, records: records)))
        }
        let breakerOpens = turns.isEmpty ? nil : breaker.opensAt
        if let next = [pauses.min?.until, breakerOpens, tokensAt].compactMap(\.self).min(),
            next < wakesAt ?? .seconds(Int64.max)
        {
            wakesAt = next
            actions.append(.wake(at: next))
        }
        return actions
    }

    /// The measurements of the next request: of one unit after the other, as far as the request carries them.
    ///
    /// - Parameter tokensAt: When the backlog may go on, where that is all that is left.
    private mutating func gather(at now: Duration, _ tokensAt: inout Duration?) -> [OutboxRecord] {
        var records: [OutboxRecord] = []
        for _ in 0..<turns.count where records.count < batchLimit {
            let unit = turns.removeFirst()
            guard var lane = lanes[unit], lane.hasNext else {
                inLine.remove(unit)
                continue
            }
            let isSuspect = lane.failures >= Self.suspectFailures
            guard !isSuspect || records.isEmpty else {
                turns.append(unit)
                continue
            }
            let isSlow = settings.order == .freshFirst && lane.nextIsBacklog
            let room = lane.failures > Self.suspectFailures ? 1 : batchLimit - records.count
            let limit = isSlow ? backlog.takeWhatIsThere(room, at: now) : room
            guard limit > 0 else {
                turns.append(unit)
                tokensAt = backlog.nextToken(at: now)
                continue
            }
            inLine.remove(unit)
            let taken = lane.take(limit)
            if isSlow { backlog.giveBack(limit - taken.count) }
            lanes[unit] = lane
            records += taken
            if isSuspect { break }
        }
        return records
    }
}
