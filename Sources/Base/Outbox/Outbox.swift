import UnitProtocol

/// Measurements that wait for their delivery, in files of one folder: an accepted one is delivered at least once, over
/// restarts, crashes and power cuts, with the same key each time.
///
/// Units are independent of one another: each one's records are read and acknowledged in their order, and one whose
/// records nobody takes keeps none of the others' space. All files are touched by one thread; whoever calls waits without
/// blocking a thread of its own. Every call ends: a disk that takes nothing makes the outbox keep records in memory.
///
/// The format stands in ``SegmentHeader``, ``OutboxRecord`` and ``Acknowledgements``, the reasons in docs/decisions.
public final class Outbox: Sendable {
    /// The run that this opening has begun.
    public let run: RunID
    /// What was found and mended.
    public let repair: OutboxRepair
    /// How many measurements of each unit earlier runs have left.
    public let left: [IPv4Address: Int]

    private let settings: OutboxSettings
    private let clock: OutboxClock
    private let thread = OutboxThread()

    /// Opens the folder, makes it where it is missing, and mends what a crash has left; reads all files that are there, so
    /// not on an event loop.
    ///
    /// - Parameters:
    ///   - folder: Belongs to this user, and only this process may use it.
    ///   - report: Called on the outbox's thread, which waits meanwhile.
    /// - Throws: ``OutboxError``.
    public convenience init(
        folder: String, settings: OutboxSettings = OutboxSettings(), clock: OutboxClock = .system,
        report: @escaping @Sendable (OutboxEvent) -> Void
    ) throws {
        do {
            let files = try FolderFiles(folder, exclusive: true)
            try self.init(files: files, settings: settings, clock: clock, report: report)
        } catch let failure as FileFailure {
            throw OutboxError.file("\(failure)")
        }
    }

    init(
        files: sending any OutboxFiles, settings: OutboxSettings, clock: OutboxClock,
        report: @escaping @Sendable (OutboxEvent) -> Void
    ) throws {
        let store = try OutboxStore.open(settings: settings, files: files, clock: clock, report: report)
        run = store.run
        repair = store.repair
        left = Dictionary(uniqueKeysWithValues: store.index.units.map { ($0, store.index.count(of: $0)) })
        self.settings = settings
        self.clock = clock
        thread.start(store)
    }

    deinit {
        _ = thread.close {}
    }

    /// Accepts measurements, from any thread and without waiting; `finish` is called on the outbox's thread when they are as safe
    /// as ``OutboxSettings/sync`` says, or given up. All that wait at a time are written and synced together.
    ///
    /// - Parameters:
    ///   - waitingAtMost: How long it may wait for room where the policy is to block. A disk that hangs is not bounded by it.
    public func append(
        _ batch: [OutboxMeasurement], waitingAtMost limit: Duration = .seconds(5),
        finish: @escaping @Sendable (AppendResult) -> Void
    ) {
        let request = AppendRequest(batch: batch, deadline: clock.monotonic() + limit, finish: finish)
        guard let refusal = thread.append(request, limit: settings.waitingRecords) else { return }
        let reason = refusal == .closed ? OutboxDropReason.closed : .overloaded
        finish(
            AppendResult(
                run: run, sequences: 0..<0, place: .nowhere,
                dropped: batch.map { OutboxDrop(key: nil, unit: $0.unit, reason: reason) }))
        _ = thread.perform { $0.drops[reason, default: 0] += batch.count }
    }

    /// These are delivered, or need not be. Unknown ones are left alone. A crash may forget it, and they come again.
    public func acknowledge(_ references: [OutboxReference]) {
        thread.acknowledge(references)
    }

    /// How many records of each unit wait.
    ///
    /// - Throws: ``OutboxError/closed``, as all that follow.
    public func waiting() async throws -> [IPv4Address: Int] {
        try await ask { store in
            Dictionary(uniqueKeysWithValues: store.index.units.map { ($0, store.index.count(of: $0)) })
        }
    }

    /// How often records are asked for that cannot be read now.
    private static let unreadPause = Duration.seconds(1)

    /// The oldest records of one unit that wait, after a sequence when one is given. Where their files are gone, or the disk
    /// does not give them, it waits until they can be read, or are given up.
    public func records(
        of unit: IPv4Address, after sequence: UInt64? = nil, limit: Int
    ) async throws -> [OutboxRecord] {
        while true {
            if let records = try await ask({ $0.records(of: unit, after: sequence, limit: limit) }) {
                return records
            }
            try await Task.sleep(for: Self.unreadPause)
        }
    }

    public func status() async throws -> OutboxStatus {
        try await ask(\.status)
    }

    /// Syncs what was accepted and lets go of the folder. What is in memory alone is tried once more, and else given up.
    public func close() async {
        await withCheckedContinuation { continuation in
            guard thread.close({ continuation.resume() }) else { return continuation.resume() }
        }
    }

    private func ask<Value: Sendable>(_ question: @escaping @Sendable (OutboxStore) -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            guard thread.perform({ continuation.resume(returning: question($0)) }) else {
                return continuation.resume(throwing: OutboxError.closed)
            }
        }
    }
}
