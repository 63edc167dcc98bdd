import GRDB
import UnitProtocol

/// Writes measurements: whoever asks is answered after the commit that holds its measurements, and all that arrives
/// while one commit is under way shares the next.
///
/// An acknowledged measurement is therefore on the disk, at the cost of one disk flush for many. The queue is bounded:
/// beyond ``Limits/waiting`` a measurement is refused with ``MeasurementRefused/busy``.
actor MeasurementWriter {
    struct Limits: Sendable {
        /// How many measurements may wait for the next commit.
        var waiting = 20_000
        /// How many measurements one commit takes at most, but for those of the last request in it.
        var batch = 8_000
    }

    /// Which device a measurement belongs to: the base names an address, the hub itself an id.
    enum Target: Hashable, Sendable {
        case address(IPv4Address)
        case device(Int64)
    }

    struct Entry: Sendable {
        var target: Target
        var state: Device.State
        /// What the base calls it; nil where it is not told.
        var key: MeasurementKey?
    }

    /// What became of a measurement.
    enum Outcome: Equatable, Sendable {
        case recorded(device: Int64)
        /// It had come before, with the same key.
        case alreadyRecorded
        case inactive
        case unknownDevice
    }

    private struct Waiting {
        let entries: [Entry]
        let answer: CheckedContinuation<[Outcome], any Error>
    }

    private let store: Store
    private let limits: Limits
    private let now: @Sendable () -> Timestamp
    private var waiting: [Waiting] = []
    private var waitingEntries = 0
    private var isWriting = false
    /// Nil until the first commit has read it.
    private var received: ReceivedKeys?

    init(store: Store, limits: Limits = Limits(), now: @escaping @Sendable () -> Timestamp = Timestamp.now) {
        self.store = store
        self.limits = limits
        self.now = now
    }

    /// Records a measurement and returns when it is committed.
    ///
    /// - Throws: ``MeasurementRefused/busy``, or the error of the commit that failed; nothing was recorded then.
    func record(_ entry: Entry) async throws -> Outcome {
        try await record([entry])[0]
    }

    /// Records measurements in one commit, in their order, and returns when it is made.
    ///
    /// - Returns: What became of each.
    /// - Throws: As for one; none was recorded then.
    func record(_ entries: [Entry]) async throws -> [Outcome] {
        guard waitingEntries < limits.waiting else { throw MeasurementRefused.busy }
        return try await withCheckedThrowingContinuation { answer in
            waiting.append(Waiting(entries: entries, answer: answer))
            waitingEntries += entries.count
            guard !isWriting else { return }
            isWriting = true
            Task { await writeUntilNobodyWaits() }
        }
    }

    private func writeUntilNobodyWaits() async {
        while !waiting.isEmpty {
            let batch = takeBatch()
            do {
                let entries = batch.count == 1 ? batch[0].entries : batch.flatMap(\.entries)
                let (outcomes, received) = try await store.record(entries, received, at: now())
                self.received = received
                var begin = 0
                for one in batch {
                    one.answer.resume(returning: Array(outcomes[begin..<begin + one.entries.count]))
                    begin += one.entries.count
                }
            } catch {
                for one in batch { one.answer.resume(throwing: error) }
            }
        }
        isWriting = false
    }

    private func takeBatch() -> [Waiting] {
        var batch: [Waiting] = []
        var count = 0
        for one in waiting where count < limits.batch {
            batch.append(one)
            count += one.entries.count
        }
        waiting.removeFirst(batch.count)
        waitingEntries -= count
        return batch
    }
}

/// Why a measurement was not taken.
enum MeasurementRefused: Error, Equatable {
    case busy
}
