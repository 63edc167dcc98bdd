/// Which neighbouring segments are rewritten as one, so that what was delivered gives its space back although something
/// between it still waits.
///
/// The live records of a run fit into one segment, and rewriting them frees at least half of one, or saves many small
/// files. So one step reads at most ``mostSegments`` segments and writes at most one, no more than two bytes are written
/// for each that is given back, and the files are at most about twice what waits. What is gathered was accepted within a
/// given time, because a segment is too old only as a whole.
struct CompactionPlan: Equatable {
    static let mostSegments = 8

    /// Indices of the segments.
    var range: Range<Int>

    /// - Parameter sealed: Those that nothing is appended to any more, oldest first.
    /// - Returns: Nil when nothing is worth it.
    init?(_ sealed: [Segment], segmentBytes: Int, span: Duration?) {
        for start in sealed.indices {
            var live = 0
            var bytes = 0
            for end in start..<min(sealed.count, start + Self.mostSegments) {
                guard !sealed[end].isStuck, live + sealed[end].liveBytes <= segmentBytes else { break }
                if let span, end > start, sealed[end].newest - sealed[start].oldest > span { break }
                live += sealed[end].liveBytes
                bytes += sealed[end].allBytes
                let frees = bytes - live >= segmentBytes / 2 && bytes >= 2 * live
                let isCrowd = end - start + 1 == Self.mostSegments && live <= segmentBytes / 2
                if frees || isCrowd {
                    range = start..<end + 1
                    return
                }
            }
        }
        return nil
    }
}
