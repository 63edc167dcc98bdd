/// What is known of a segment's file without reading it.
struct Segment: Equatable {
    /// The lowest sequence that it may hold; its name.
    var first: UInt64
    /// From this one on records are looked for here: higher than ``first`` where an earlier segment holds copies.
    var from: UInt64
    /// The highest that it holds or has held.
    var last: UInt64
    /// Bytes of the file.
    var bytes: Int
    /// Bytes of the acknowledgements beside it.
    var acknowledgementBytes = 0
    /// Intact records in the file.
    var records = 0
    /// Those that still wait.
    var live = 0
    /// When its newest record was accepted, by the monotonic clock; before the start of this run it is negative.
    var newest: Duration
    /// When its oldest record was accepted, or somewhat earlier.
    var oldest: Duration
    /// It could not be rewritten: there is no trying it again in this run.
    var isStuck = false

    /// What the live records take, when all of them were of the same length.
    var liveBytes: Int { records == 0 ? 0 : bytes / records * live }
    var allBytes: Int { bytes + acknowledgementBytes }
}
