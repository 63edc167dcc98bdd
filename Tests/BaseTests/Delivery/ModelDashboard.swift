import TestSupport
import UnitProtocol

@testable import Base

/// A schedule, an outbox and a dashboard in one place, in virtual time: what the schedule asks for happens a random while
/// later, and the dashboard answers as it is told.
struct ModelDashboard {
    private enum Event {
        case answer(DeliverySchedule.Delivery)
        case read(IPv4Address, after: UInt64?, limit: Int)
        case tell(IPv4Address, [OutboxRecord])
        case wake
    }

    var schedule: DeliverySchedule
    var now = Duration.zero
    /// What a request comes to.
    var answers: (DeliverySchedule.Delivery, Duration) -> DeliveryOutcome = { delivery, _ in
        .answered(delivery.records.map { _ in .accepted })
    }
    /// What waits, by unit, oldest first.
    private(set) var outbox: [IPv4Address: [OutboxRecord]] = [:]
    /// What the dashboard has taken, in the order of the answers, with the time.
    private(set) var taken: [(record: OutboxRecord, at: Duration)] = []
    private(set) var buried: [OutboxRecord] = []
    private(set) var givenUp: [OutboxRecord] = []
    private(set) var mostUnderWay = 0
    /// Rules that were broken.
    private(set) var faults: [String] = []
    private var events: [(at: Duration, number: Int, event: Event)] = []
    private var number = 0
    private var sequence: UInt64 = 0
    private var units: Set<IPv4Address> = []
    private var random: SeededRandom
    private let run = RunID(high: 1, low: 2)

    init(_ settings: WebhookSettings, seed: UInt64) {
        schedule = DeliverySchedule(settings: settings)
        random = SeededRandom(seed: seed)
    }

    /// A unit has said something; it is in the outbox at once.
    mutating func say(_ text: String, _ unit: IPv4Address) throws {
        let record = try keep(text, unit)
        perform(schedule.accept([record], at: now))
    }

    /// It was said in an earlier run.
    @discardableResult
    mutating func keep(_ text: String, _ unit: IPv4Address) throws -> OutboxRecord {
        sequence += 1
        let record = OutboxRecord(
            key: OutboxKey(run: run, sequence: sequence), unit: unit, acceptedAt: 0, measurement: try Measurement(text))
        outbox[unit, default: []].append(record)
        return record
    }

    /// The outbox gives up the oldest that wait of a unit; what is under way is answered nevertheless.
    mutating func giveUp(_ count: Int, of unit: IPv4Address) {
        let gone = Array((outbox[unit] ?? []).prefix(count))
        outbox[unit]?.removeFirst(gone.count)
        givenUp += gone
        perform(schedule.dropped(gone.map(\.reference), at: now))
    }

    mutating func restore() {
        perform(schedule.restore(outbox.keys, at: now))
    }

    /// Lets time pass until nothing is to come, or until then.
    mutating func pass(until end: Duration = .seconds(100_000)) {
        while let next = events.min(by: { ($0.at, $0.number) < ($1.at, $1.number) }), next.at <= end {
            events.removeAll { $0.number == next.number }
            now = max(now, next.at)
            switch next.event {
            case .answer(let delivery):
                units.subtract(delivery.records.map(\.unit))
                let outcome = answers(delivery, now)
                if case .answered(let verdicts) = outcome {
                    for (record, verdict) in zip(delivery.records, verdicts) where verdict == .accepted {
                        taken.append((record, now))
                    }
                }
                let roll = Double.random(in: 0...1, using: &random)
                perform(schedule.finished(delivery.number, outcome, at: now) { roll })
            case .read(let unit, let after, let limit):
                let found = (outbox[unit] ?? []).filter { $0.key.sequence > after ?? 0 }.prefix(limit)
                // What happens before this arrives is not in it.
                later(.tell(unit, Array(found)))
            case .tell(let unit, let found): perform(schedule.loaded(unit, found, at: now))
            case .wake: perform(schedule.wake(at: now))
            }
        }
        now = min(max(now, end), end == .seconds(100_000) ? now : end)
    }

    private mutating func perform(_ actions: [DeliverySchedule.Action]) {
        for action in actions {
            switch action {
            case .deliver(let delivery):
                let new = Set(delivery.records.map(\.unit))
                if !units.isDisjoint(with: new) { faults.append("two requests of one unit") }
                units.formUnion(new)
                mostUnderWay = max(mostUnderWay, schedule.requestsUnderWay)
                later(.answer(delivery))
            case .load(let unit, let after, let limit): later(.read(unit, after: after, limit: limit))
            case .acknowledge(let references):
                for reference in references {
                    let before = outbox[reference.unit]?.count ?? 0
                    outbox[reference.unit]?.removeAll { $0.key.sequence == reference.sequence }
                    let isGone = givenUp.contains { $0.reference == reference }
                    if outbox[reference.unit]?.count == before, !isGone { faults.append("acknowledged twice") }
                }
            case .bury(let record, _, _):
                buried.append(record)
                outbox[record.unit]?.removeAll { $0.key == record.key }
            case .wake(let time): add(.wake, at: time)
            }
        }
    }

    private mutating func later(_ event: Event) {
        add(event, at: now + .milliseconds(Int.random(in: 1...40, using: &random)))
    }

    private mutating func add(_ event: Event, at time: Duration) {
        number += 1
        events.append((time, number, event))
    }

    /// What waits still.
    var left: Int { outbox.values.reduce(0) { $0 + $1.count } }
}
