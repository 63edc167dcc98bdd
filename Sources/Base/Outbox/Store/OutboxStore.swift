import UnitProtocol

/// Files, index and memory of an outbox; what one thread does with them. ``Outbox`` is the way in for all others.
///
/// Sequences grow from segment to segment and within each, also after compaction. So a segment is found by a sequence,
/// and a record that stands in two files, because the power went between two steps, is known by its place out of order:
/// the earlier file counts.
final class OutboxStore {
    /// Bytes that are encoded and written at once.
    static let chunkBytes = 1024 * 1024

    let settings: OutboxSettings
    let run: RunID
    let files: any OutboxFiles
    let clock: OutboxClock
    let report: (OutboxEvent) -> Void

    var index = OutboxIndex()
    /// Oldest first.
    var segments: [Segment] = []
    /// The last of ``segments``, while it is appended to.
    var active: (any AppendedFile)?
    var activeSince = Duration.zero
    var nextSequence: UInt64 = 1
    var wallClockSteps = WallClockSteps()
    var repair = OutboxRepair()

    /// Accepted, and in no file yet.
    var staged: [OutboxRecord] = []
    var stagedBytes = 0
    /// Written and not synced; only where each append is.
    var unsynced: [OutboxRecord] = []
    var isDirty = false
    var lastSync = Duration.zero
    var buffer: [UInt8] = []

    /// Appends that wait for room, oldest first.
    var blocked: ArraySlice<AppendRequest> = []
    var roundDrops: [(sequence: UInt64, drop: OutboxDrop)] = []
    var drops: [OutboxDropReason: Int] = [:]
    /// How often a disk, or somebody who took away files, was in the way.
    var troubles = 0

    var memory = MemoryRing()
    var degradation: Degradation?
    var probeBackoff: Backoff
    /// The folder or files in it are not where they were: nothing is written before they are put back.
    var isVanished = false
    var lastLook: Duration
    /// Since when reads of segments have failed, by their first sequences; only those whose latest has.
    var readsFailSince: [UInt64: Duration] = [:]
    /// The same for single records, by their sequences: one bad block says nothing of the rest of a segment.
    var recordsFailSince: [UInt64: Duration] = [:]

    /// Something has changed since no segments were worth rewriting.
    var mayCompact = true
    /// Files of which a newer copy is in place and which could not be removed yet.
    var leftovers: [String] = []

    /// Why nothing is written, and when that is tried again.
    struct Degradation {
        var reason: String
        var nextProbe: Duration
    }

    /// Use ``open(settings:files:clock:run:report:)``.
    init(
        settings: OutboxSettings, files: any OutboxFiles, clock: OutboxClock, run: RunID,
        report: @escaping (OutboxEvent) -> Void
    ) {
        self.settings = settings
        self.files = files
        self.clock = clock
        self.run = run
        self.report = report
        probeBackoff = Backoff(
            minimum: settings.probePauses.lowerBound, maximum: settings.probePauses.upperBound, jitter: 0)
        lastSync = clock.monotonic()
        lastLook = clock.monotonic()
    }

    var fileBytes: Int { segments.reduce(0) { $0 + $1.allBytes } }

    /// The segment in whose range a sequence lies.
    func segmentIndex(of sequence: UInt64) -> Int? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].from <= sequence { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    /// Whether a waiting record stands there, and that is not another copy of it.
    func stands(_ reference: OutboxReference, at offset: Int, in segment: Segment) -> Bool {
        guard index.entry(reference)?.offset == UInt32(offset), let found = segmentIndex(of: reference.sequence) else {
            return false
        }
        return segments[found].first == segment.first
    }

    func name(_ segment: Segment) -> String { OutboxNames.name(segment.first, .segment) }

    /// Counts and reports what was given up. It must be out of index and memory already.
    func drop(_ dropped: [(sequence: UInt64, drop: OutboxDrop)]) {
        guard !dropped.isEmpty else { return }
        for (_, drop) in dropped { drops[drop.reason, default: 0] += 1 }
        roundDrops += dropped
        report(.dropped(dropped.map(\.drop)))
    }

    func trouble(_ failure: any Error) {
        troubles += 1
        report(.trouble("\(failure)"))
    }

    var status: OutboxStatus {
        OutboxStatus(
            waiting: index.count, inMemory: memory.count, fileBytes: fileBytes, segments: segments.count,
            indexBytes: index.bytes, drops: drops, degraded: degradation?.reason,
            oldestAge: oldestAge, troubles: troubles)
    }

    /// Writes and syncs what can be, and lets go of the files.
    func close() {
        for request in blocked { finish(request, reason: .closed) }
        blocked = []
        look()
        if degradation != nil { probe() }
        let lost = memory.oldest(.max)
        for record in lost { _ = index.remove(record.reference) }
        memory = MemoryRing()
        drop(lost.map { ($0.key.sequence, OutboxDrop(key: $0.key, unit: $0.unit, reason: .closed)) })
        do {
            try sync()
        } catch {
            trouble(error)
        }
        active?.close()
        active = nil
        files.close()
    }
}

/// How full an outbox is.
public struct OutboxStatus: Equatable, Sendable {
    /// Records that wait, in files or memory.
    public var waiting: Int
    /// Those of them that are in memory only.
    public var inMemory: Int
    public var fileBytes: Int
    public var segments: Int
    /// What the index takes in memory.
    public var indexBytes: Int
    /// Since the outbox was opened.
    public var drops: [OutboxDropReason: Int]
    /// Why the disk takes nothing; nil when it does.
    public var degraded: String?
    /// How long ago what waits longest was accepted. Nil when nothing waits.
    public var oldestAge: Duration?
    /// Alarms and failures of the files since the outbox was opened, each time that one was met.
    public var troubles = 0
}
