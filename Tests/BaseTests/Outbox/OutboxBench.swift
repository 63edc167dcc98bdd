import Synchronization
import UnitProtocol

@testable import Base

/// A store on some files with a clock that stands until it is told to move, and what it has reported.
final class OutboxBench {
    final class Clock: Sendable {
        private let time = Mutex(
            (
                monotonic: Duration.seconds(1000), asleep: Duration.zero, wall: Int64(1_700_000_000_000)
            ))

        var outboxClock: OutboxClock {
            OutboxClock(
                monotonic: { self.time.withLock { $0.monotonic } },
                steady: { self.time.withLock { $0.monotonic + $0.asleep } }, wall: { self.time.withLock { $0.wall } })
        }

        func advance(_ duration: Duration) {
            time.withLock {
                $0.monotonic += duration
                $0.wall += Int64(duration / .milliseconds(1))
            }
        }

        /// The machine sleeps.
        func sleep(_ duration: Duration) {
            time.withLock {
                $0.asleep += duration
                $0.wall += Int64(duration / .milliseconds(1))
            }
        }

        func setWall(_ milliseconds: Int64) {
            time.withLock { $0.wall = milliseconds }
        }
    }

    let clock: Clock
    let store: OutboxStore
    private final class Events: Sendable {
        let list = Mutex<[OutboxEvent]>([])
    }

    private let log: Events

    init(
        _ files: any OutboxFiles, clock: Clock = Clock(), run: UInt64 = 1,
        _ change: (inout OutboxSettings) -> Void = { _ in }
    ) throws {
        var settings = OutboxBench.settings
        change(&settings)
        self.clock = clock
        let log = Events()
        self.log = log
        store = try OutboxStore.open(
            settings: settings, files: files, clock: clock.outboxClock, run: RunID(high: 0, low: run),
            report: { event in log.list.withLock { $0.append(event) } })
    }

    /// Small segments, each append on the disk when it is answered.
    static var settings: OutboxSettings {
        var settings = OutboxSettings()
        settings.sync = .always
        settings.segmentBytes = 4096
        settings.maximumBytes = 1024 * 1024
        settings.memoryRecords = 100
        return settings
    }

    var events: [OutboxEvent] { log.list.withLock { $0 } }

    /// - Returns: Nil when it waits for room.
    @discardableResult
    func append(_ batch: [OutboxMeasurement], waitingAtMost limit: Duration = .zero) -> AppendResult? {
        let results = Results()
        let deadline = clock.outboxClock.monotonic() + limit
        store.append([
            AppendRequest(batch: batch, deadline: deadline) { result in results.list.withLock { $0.append(result) } }
        ])
        pending.append(results)
        return results.list.withLock { $0.first }
    }

    final class Results: Sendable {
        let list = Mutex<[AppendResult]>([])
    }

    /// Of each append so far.
    private(set) var pending: [Results] = []

    func result(_ index: Int) -> AppendResult? { pending[index].list.withLock { $0.first } }

    /// The texts that wait for a unit.
    func waiting(_ unit: UInt8) -> [String] {
        store.readable(of: .test(unit), after: nil, limit: .max).map(\.measurement.text)
    }

    /// All that wait, whatever their unit, in the order of their acceptance.
    var records: [OutboxRecord] {
        store.index.units.flatMap { store.readable(of: $0, after: nil, limit: .max) }
            .sorted { $0.key.sequence < $1.key.sequence }
    }

    /// The same as `unit:text`.
    var waiting: [String] { records.map { "\($0.unit.bits & 255):\($0.measurement.text)" } }

    func acknowledge(_ unit: UInt8, _ count: Int = .max) {
        store.retire(store.readable(of: .test(unit), after: nil, limit: count).map(\.reference))
    }
}

extension IPv4Address {
    static func test(_ number: UInt8) -> IPv4Address { IPv4Address(bits: 0x0A00_0000 | UInt32(number)) }
}

extension OutboxMeasurement {
    static func test(_ unit: UInt8, _ text: String) throws -> OutboxMeasurement {
        OutboxMeasurement(unit: .test(unit), measurement: try Measurement(text))
    }
}

/// `1:a 2:b` is `a` of the unit 1 and `b` of the unit 2.
func measurements(_ text: String) throws -> [OutboxMeasurement] {
    try text.split(separator: " ").map { one in
        let parts = one.split(separator: ":")
        return try .test(UInt8(parts[0]) ?? 0, String(parts[1]))
    }
}

extension OutboxStore {
    /// The records of a unit that can be read now.
    func readable(of unit: IPv4Address, after sequence: UInt64?, limit: Int) -> [OutboxRecord] {
        records(of: unit, after: sequence, limit: limit) ?? []
    }
}
