import UnitProtocol

/// Why a measurement was given up.
public enum OutboxDropReason: String, Hashable, Sendable, CaseIterable {
    /// The files have reached their limit, and the oldest had to go.
    case oldest
    /// The files, or the memory in their place, have reached their limit, and nothing more is taken.
    case newest
    /// The files had reached their limit, and no room came in time.
    case blocked
    /// It has waited longer than it may.
    case expired
    /// More than an append may carry waits for the outbox's thread.
    case overloaded
    /// Its text is longer than a record may be.
    case tooLong = "too-long"
    /// Its record cannot be read any more.
    case unreadable
    /// The outbox is closed.
    case closed
}

/// A measurement that was given up.
public struct OutboxDrop: Hashable, Sendable {
    /// Nil when it never got one, or nobody can read it any more.
    public var key: OutboxKey?
    public var unit: IPv4Address
    public var reason: OutboxDropReason
}

/// What somebody should hear of. Reported on the outbox's thread, which waits meanwhile.
public enum OutboxEvent: Equatable, Sendable {
    /// Measurements were given up.
    case dropped([OutboxDrop])
    /// An alarm: files take nothing, or are gone, and measurements are kept in memory only.
    case degraded(reason: String)
    /// The end of that alarm: so many records were carried from memory to the disk, or put back there.
    case recovered(records: Int)
    /// Something failed that loses nothing by itself: a sync, a rewriting, a removal.
    case trouble(String)
}

/// What was found when the outbox was opened.
public struct OutboxRepair: Equatable, Sendable {
    /// Records that wait.
    public var waiting = 0
    /// Segments whose end was torn, as by a power cut, and was cut off: up to all of a file, of which then no byte counts as
    /// lost.
    public var tornTails = 0
    /// Segments with damage before their end: the intact records were kept, and the file as it was under `.corrupt`.
    public var corruptSegments = 0
    /// Bytes in which no intact record was found.
    public var lostBytes = 0
    /// Records that seem to have stood in those, at least.
    public var lostRecords = 0
    /// What has the name of a file of the outbox and is none: it is left alone.
    var skipped: [FolderEntry] = []

    public init() {}
}
