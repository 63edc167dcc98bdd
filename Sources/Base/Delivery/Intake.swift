import Synchronization
import UnitProtocol

/// What units say, on its way into the outbox: all that comes while one batch is being written makes the next.
final class Intake: Sendable {
    private struct State {
        var waiting: [OutboxMeasurement] = []
        var isWriting = false
        var isBehind = false
        var dropped = 0
    }

    /// The most measurements that wait for the outbox; beyond, the newest are dropped.
    static let limit = 500_000
    /// From so many on units are not read, until fewer than ``lowMark`` wait: what they say waits with TCP.
    static let highMark = 50_000
    static let lowMark = 10_000
    /// The most measurements of one batch.
    private static let most = 10_000

    private let state = Mutex(State())
    private let outbox: Outbox
    private let clock: OutboxClock
    private let overflowed: @Sendable (_ dropped: Int) -> Void

    /// - Parameter overflowed: Is told how many were dropped so far, with each that is.
    init(
        outbox: Outbox, clock: OutboxClock = .system,
        overflowed: @escaping @Sendable (_ dropped: Int) -> Void = { _ in }
    ) {
        self.outbox = outbox
        self.clock = clock
        self.overflowed = overflowed
    }

    /// How many were dropped because too many waited.
    var dropped: Int { state.withLock(\.dropped) }
    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty && !$0.isWriting } }
    /// Whether the outbox is so far behind that nobody should bring more.
    var isBehind: Bool { state.withLock(\.isBehind) }

    /// Takes a measurement; never blocks. Calls for one unit keep their order.
    ///
    /// - Parameter accepted: Called on the outbox's thread for each batch, with what was accepted, in order, and with what
    ///   was not; the same for all calls.
    func take(
        _ measurement: Measurement, from unit: IPv4Address,
        accepted: @escaping @Sendable ([OutboxRecord], AppendResult) -> Void
    ) {
        let now = clock.now
        let (isFirst, dropped): (Bool, Int?) = state.withLock { state in
            guard state.waiting.count < Self.limit else {
                state.dropped += 1
                return (false, state.dropped)
            }
            state.waiting.append(OutboxMeasurement(unit: unit, measurement: measurement, acceptedAt: now))
            if state.waiting.count >= Self.highMark { state.isBehind = true }
            defer { state.isWriting = true }
            return (!state.isWriting, nil)
        }
        if let dropped { overflowed(dropped) }
        if isFirst { write(accepted) }
    }

    private func write(_ accepted: @escaping @Sendable ([OutboxRecord], AppendResult) -> Void) {
        let batch = state.withLock { state in
            let batch = Array(state.waiting.prefix(Self.most))
            state.waiting.removeFirst(batch.count)
            if state.waiting.count < Self.lowMark { state.isBehind = false }
            if batch.isEmpty { state.isWriting = false }
            return batch
        }
        guard !batch.isEmpty else { return }
        outbox.append(batch) { [self] result in
            let lost = Set(result.dropped.compactMap(\.key))
            let records =
                result.sequences.isEmpty
                ? []
                : batch.indices.compactMap { index -> OutboxRecord? in
                    let key = result.key(index)
                    guard !lost.contains(key) else { return nil }
                    let one = batch[index]
                    return OutboxRecord(key: key, one, at: one.acceptedAt ?? clock.now)
                }
            accepted(records, result)
            write(accepted)
        }
    }
}
