import Glibc

extension OutboxStore {
    /// Rewrites neighbouring segments as one, when that is worth it.
    ///
    /// The new file is whole and on the disk before it takes the first one's name, and that is on the disk before the
    /// others go. After a crash in between records stand in two files; the second time they are out of order and are not
    /// counted.
    ///
    /// - Returns: Whether space was given back.
    func compact() -> Bool {
        guard mayCompact, degradation == nil else { return false }
        // The last one stays as it is: it tells the next run which sequences were given.
        guard
            let plan = CompactionPlan(
                Array(segments.dropLast()), segmentBytes: settings.segmentBytes, span: settings.longestSpan)
        else {
            mayCompact = false
            return false
        }
        let old = Array(segments[plan.range])
        do {
            let copy = try copy(old)
            guard copy.moved.count == old.reduce(0, { $0 + $1.live }) else {
                throw FileFailure(operation: "find every record of", path: name(old[0]), code: EIO)
            }
            try files.rename(OutboxNames.name(copy.segment.first, .unfinished), to: name(copy.segment))
            replace(plan.range, by: copy.segment, copy.moved)
            return true
        } catch {
            trouble(error)
            remove([OutboxNames.name(old[0].first, .unfinished)])
            for index in plan.range { segments[index].isStuck = true }
            return false
        }
    }

    private typealias Copy = (segment: Segment, moved: [(OutboxReference, UInt32)])

    private func copy(_ old: [Segment]) throws(FileFailure) -> Copy {
        var segment = old[0]
        segment.acknowledgementBytes = 0
        var moved: [(OutboxReference, UInt32)] = []
        var bytes = SegmentHeader(run: run, first: segment.first).bytes
        for piece in old {
            segment.last = max(segment.last, piece.last)
            segment.newest = max(segment.newest, piece.newest)
            segment.oldest = min(segment.oldest, piece.oldest)
            guard piece.live > 0 else { continue }
            let content = try files.read(name(piece), at: 0, count: piece.bytes)
            content.withUnsafeBytes { content in
                _ = SegmentScan(content, from: SegmentHeader.count) { place, record in
                    let head = RecordHead(intact: record)
                    let reference = OutboxReference(unit: head.unit, sequence: head.sequence)
                    guard stands(reference, at: place, in: piece) else { return }
                    moved.append((reference, UInt32(bytes.count)))
                    bytes += record
                }
            }
        }
        let file = try files.create(OutboxNames.name(segment.first, .unfinished))
        defer { file.close() }
        try file.append(bytes)
        try file.sync()
        segment.bytes = bytes.count
        segment.records = moved.count
        segment.live = moved.count
        return (segment, moved)
    }

    private func replace(_ range: Range<Int>, by copy: Segment, _ moved: [(OutboxReference, UInt32)]) {
        let old = Array(segments[range])
        segments.replaceSubrange(range, with: [copy])
        for (reference, offset) in moved { index.move(reference, to: offset) }
        var names: [String] = []
        for segment in old {
            if segment.first != copy.first { names.append(name(segment)) }
            if segment.acknowledgementBytes > 0 { names.append(OutboxNames.name(segment.first, .acknowledgements)) }
        }
        do {
            try files.syncFolder()
            remove(names)
        } catch {
            // Until the new name is on the disk the old files are the only ones that are.
            leftovers += names
            trouble(error)
        }
    }
}
