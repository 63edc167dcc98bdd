import Glibc
import Synchronization
import UnitProtocol

/// What units say, on its way into the outbox: all that comes while one batch is being written makes the next.
final class Intake: Sendable {
    private struct State {
        var waiting: [OutboxMeasurement] = []
        var isWriting = false
        var dropped = 0
        /// Somebody has waited for room in vain; nobody waits again before there is some.
        var isStuck = false
    }

    /// The most measurements that wait for a batch.
    static let limit = 100_000
    /// How long whoever brings one more waits for room: units that have much to say are read no faster than the outbox
    /// takes it. If there is none then the disk stands still, and the newest are dropped.
    static let patience = Duration.seconds(1)

    private let state = Mutex(State())
    private let outbox: Outbox
    private let clock: OutboxClock

    init(outbox: Outbox, clock: OutboxClock = .system) {
        self.outbox = outbox
        self.clock = clock
    }

    /// How many were dropped because too many waited.
    var dropped: Int { state.withLock(\.dropped) }
    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty && !$0.isWriting } }

    /// Takes a measurement; blocks for ``patience`` at most, and only while ``limit`` wait. Calls for one unit keep their
    /// order.
    ///
    /// - Parameter accepted: Called on the outbox's thread for each batch, with what was accepted, in order, and with what
    ///   was not; the same for all calls.
    func take(
        _ measurement: Measurement, from unit: IPv4Address,
        accepted: @escaping @Sendable ([OutboxRecord], AppendResult) -> Void
    ) {
        waitForRoom()
        let isFirst = state.withLock { state in
            guard state.waiting.count < Self.limit else {
                state.dropped += 1
                state.isStuck = true
                return false
            }
            state.isStuck = false
            state.waiting.append(OutboxMeasurement(unit: unit, measurement: measurement))
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if isFirst { write(accepted) }
    }

    private func waitForRoom() {
        func isFull() -> Bool { state.withLock { $0.waiting.count >= Self.limit && !$0.isStuck } }
        guard isFull() else { return }
        let end = clock.monotonic() + Self.patience
        while isFull(), clock.monotonic() < end { usleep(500) }
    }

    private func write(_ accepted: @escaping @Sendable ([OutboxRecord], AppendResult) -> Void) {
        let batch = state.withLock { state in
            defer { state.waiting = [] }
            if state.waiting.isEmpty { state.isWriting = false }
            return state.waiting
        }
        guard !batch.isEmpty else { return }
        let now = clock.wall()
        outbox.append(batch) { [self] result in
            let lost = Set(result.dropped.compactMap(\.key))
            let records =
                result.sequences.isEmpty
                ? []
                : batch.indices.compactMap { index -> OutboxRecord? in
                    let key = result.key(index)
                    guard !lost.contains(key) else { return nil }
                    return OutboxRecord(
                        key: key, unit: batch[index].unit, acceptedAt: now, measurement: batch[index].measurement)
                }
            accepted(records, result)
            write(accepted)
        }
    }
}
