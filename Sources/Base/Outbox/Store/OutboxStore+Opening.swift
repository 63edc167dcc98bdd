extension OutboxStore {
    /// The most damaged segments that are kept aside; the oldest are removed for new ones.
    static let mostCorruptFiles = 8

    /// Reads what is there, repairs it, and begins a run.
    ///
    /// - Throws: ``OutboxError``, ``FileFailure``.
    static func open(
        settings: OutboxSettings, files: any OutboxFiles, clock: OutboxClock, run: RunID = .random(),
        report: @escaping (OutboxEvent) -> Void
    ) throws -> OutboxStore {
        try settings.check()
        let store = OutboxStore(settings: settings, files: files, clock: clock, run: run, report: report)
        try store.recover()
        return store
    }

    private func recover() throws {
        let names = try files.names().compactMap(OutboxNames.read)
        repair.skipped = try files.others().filter { OutboxNames.read($0.name) != nil }
        for name in names where name.kind == .unfinished { try files.remove(OutboxNames.name(name.first, name.kind)) }
        let acknowledged = Set(names.filter { $0.kind == .acknowledgements }.map(\.first))
        // All versions are looked at before anything is changed.
        let firsts = names.filter { $0.kind == .segment }.map(\.first).sorted()
        for first in firsts { try checkVersion(first) }
        var last: UInt64 = 0
        // Of what was lost in a torn tail an acknowledgement may be left; its sequence is not given again.
        var highest: UInt64 = 0
        for first in firsts {
            let ranges = acknowledged.contains(first) ? try acknowledgements(first) : []
            try recover(first, ranges, last: &last)
            highest = max(highest, first, segments.last?.last ?? 0, ranges.last?.upperBound ?? 0)
        }
        // A segment whose file is gone has nothing that could be delivered again.
        for first in acknowledged.subtracting(firsts) {
            highest = max(highest, try acknowledgements(first).last?.upperBound ?? 0)
            try files.remove(OutboxNames.name(first, .acknowledgements))
        }
        // A file of such a name could not be made. What is beyond is never reached.
        let taken = repair.skipped.compactMap { OutboxNames.read($0.name)?.first }.filter { $0 < 1 << 62 }
        nextSequence = max(highest, taken.max() ?? 0) + 1
        repair.waiting = index.count
        removeEmptySegments()
        pruneCorruptFiles()
    }

    private func checkVersion(_ first: UInt64) throws {
        let name = OutboxNames.name(first, .segment)
        let head = try files.read(name, at: 0, count: SegmentHeader.count)
        if case .unknownVersion(let version) = head.withUnsafeBytes(SegmentHeader.read) {
            throw OutboxError.unknownVersion(file: name, version: version)
        }
    }

    private func acknowledgements(_ first: UInt64) throws -> [ClosedRange<UInt64>] {
        let name = OutboxNames.name(first, .acknowledgements)
        let bytes = try files.read(
            name, at: 0, count: min(try files.size(name), 4 * OutboxSettings.segmentRange.upperBound))
        return bytes.withUnsafeBytes(Acknowledgements.decode)
    }

    /// Takes one segment into the index, and mends its file.
    private func recover(_ first: UInt64, _ acknowledged: [ClosedRange<UInt64>], last: inout UInt64) throws {
        let name = OutboxNames.name(first, .segment)
        let size = try files.size(name)
        guard size <= OutboxSettings.segmentRange.upperBound + Self.chunkBytes else {
            throw OutboxError.file("\(name) has \(size) bytes, more than a segment can have; move it away")
        }
        guard let bytes = readOrKeepAside(first, size) else { return }
        let now = clock.monotonic()
        var segment = Segment(
            first: first, from: max(first, last + 1), last: first, bytes: bytes.count, newest: now, oldest: now)
        if !acknowledged.isEmpty {
            segment.acknowledgementBytes = try files.size(OutboxNames.name(first, .acknowledgements))
        }
        let found = bytes.withUnsafeBytes { read($0, acknowledged, into: &segment, last: &last) }
        segments.append(segment)
        if let mended = bytes.withUnsafeBytes({ mend(segment, $0, found.scan, header: found.header) }) {
            segments[segments.count - 1].bytes = mended.bytes
            for (reference, offset) in mended.moved { index.move(reference, to: UInt32(offset)) }
        }
    }

    /// Nil when the disk cannot read it: what stands in it is lost, and the base runs on.
    private func readOrKeepAside(_ first: UInt64, _ size: Int) -> [UInt8]? {
        let name = OutboxNames.name(first, .segment)
        do {
            return try files.read(name, at: 0, count: size)
        } catch {
            trouble(error)
            repair.corruptSegments += 1
            repair.lostBytes += size
            repair.lostRecords += 1
        }
        do {
            try files.rename(name, to: OutboxNames.name(first, .corrupt))
        } catch {
            trouble(error)
        }
        return nil
    }

    private func read(
        _ bytes: UnsafeRawBufferPointer, _ acknowledged: [ClosedRange<UInt64>], into segment: inout Segment,
        last: inout UInt64
    ) -> (header: SegmentHeader.Reading, scan: SegmentScan) {
        let header = SegmentHeader.read(bytes)
        var cursor = RangeCursor(acknowledged)
        var newest = Int64.min
        var oldest = Int64.max
        let scan = SegmentScan(bytes, from: SegmentHeader.count) { place, record in
            let head = RecordHead(intact: record)
            newest = max(newest, head.acceptedAt)
            oldest = min(oldest, head.acceptedAt)
            segment.records += 1
            segment.last = max(segment.last, head.sequence)
            let isDone = cursor.contains(head.sequence)
            guard head.sequence > last else {
                // A copy of what an earlier segment holds, which may have been acknowledged here.
                if isDone { removeCopy(OutboxReference(unit: head.unit, sequence: head.sequence)) }
                return
            }
            last = head.sequence
            guard !isDone else { return }
            index.append(UnitQueue.Entry(sequence: head.sequence, offset: UInt32(place)), of: head.unit)
            segment.live += 1
        }
        // The wall clock is believed once. From here on the age grows with the monotonic clock, whatever that one does.
        if segment.records > 0 {
            segment.newest -= age(newest)
            segment.oldest -= age(oldest)
        }
        return (header, scan)
    }

    /// What is from before 2020 was accepted while the wall clock was not set, as after the start of a machine without a
    /// clock of its own: nobody knows its age.
    private static let earliest: Int64 = 1_577_836_800_000

    /// Not negative: a wall clock that was set back makes nothing younger than new.
    private func age(_ acceptedAt: Int64) -> Duration {
        guard acceptedAt >= Self.earliest else { return .zero }
        let (age, overflow) = clock.wall().subtractingReportingOverflow(acceptedAt)
        return overflow ? .zero : .milliseconds(max(0, age))
    }

    private func removeCopy(_ reference: OutboxReference) {
        guard index.remove(reference) != nil, let segment = segmentIndex(of: reference.sequence) else { return }
        segments[segment].live -= 1
    }

    private typealias Mended = (bytes: Int, moved: [(OutboxReference, Int)])

    /// Cuts off a torn tail; writes a segment with damage before its end anew and keeps the old file aside.
    ///
    /// Where the disk does not take that, the file stays as it is: its intact records are in the index, and it is never
    /// appended to.
    private func mend(
        _ segment: Segment, _ bytes: UnsafeRawBufferPointer, _ scan: SegmentScan, header: SegmentHeader.Reading
    ) -> Mended? {
        let isHeaderDamaged = header == .damaged
        for damage in scan.damages {
            repair.lostBytes += damage.count
            repair.lostRecords += damage.records
        }
        if header == .torn { repair.lostBytes += bytes.count }
        do {
            if isHeaderDamaged || !scan.gaps.isEmpty {
                repair.corruptSegments += 1
                return try rewrite(segment, bytes)
            }
            guard scan.tail != nil || header == .torn else { return nil }
            repair.tornTails += 1
            // Without its header, which a file of no bytes lacks too, it would be told at each start.
            if header == .torn { return try rewriteHeader(segment) }
            try files.truncate(name(segment), to: scan.end)
            return (scan.end, [])
        } catch {
            trouble(error)
            return nil
        }
    }

    private func rewrite(_ segment: Segment, _ bytes: UnsafeRawBufferPointer) throws(FileFailure) -> Mended {
        try write(Array(bytes), to: OutboxNames.name(segment.first, .corrupt), first: segment.first)
        var copy = SegmentHeader(run: run, first: segment.first).bytes
        var moved: [(OutboxReference, Int)] = []
        _ = SegmentScan(bytes, from: SegmentHeader.count) { place, record in
            let head = RecordHead(intact: record)
            let reference = OutboxReference(unit: head.unit, sequence: head.sequence)
            if stands(reference, at: place, in: segment) { moved.append((reference, copy.count)) }
            copy += record
        }
        try write(copy, to: name(segment), first: segment.first)
        return (copy.count, moved)
    }

    private func rewriteHeader(_ segment: Segment) throws(FileFailure) -> Mended {
        let header = SegmentHeader(run: run, first: segment.first).bytes
        try write(header, to: name(segment), first: segment.first)
        return (header.count, [])
    }

    /// The file appears with all its bytes or not at all.
    private func write(_ bytes: [UInt8], to name: String, first: UInt64) throws(FileFailure) {
        let unfinished = OutboxNames.name(first, .unfinished)
        let file = try files.create(unfinished)
        defer { file.close() }
        try file.append(bytes)
        try file.sync()
        try files.rename(unfinished, to: name)
        try files.syncFolder()
    }

    private func pruneCorruptFiles() {
        do {
            let kept = try files.names().compactMap(OutboxNames.read).filter { $0.kind == .corrupt }.map(\.first)
                .sorted()
            for first in kept.dropLast(Self.mostCorruptFiles) {
                try files.remove(OutboxNames.name(first, .corrupt))
            }
        } catch {
            trouble(error)
        }
    }
}
