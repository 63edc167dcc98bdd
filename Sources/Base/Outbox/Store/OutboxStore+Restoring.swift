/// Somebody has taken away the folder, its lock, or the file that is written.
extension OutboxStore {
    /// The pauses between two looks: the first while something happens, the second while nothing does.
    static let lookPauses = Duration.seconds(1) ... .seconds(10)

    /// Raises the alarm where something is not there any more; it is put back with the next probe, at once.
    func look() {
        lastLook = clock.monotonic()
        guard !isVanished else { return }
        do {
            try files.check(active)
        } catch {
            isVanished = true
            degrade(error)
            degradation?.nextProbe = lastLook
        }
    }

    /// Puts back what is still there of each segment, in its files' bytes, so that all records stay where they are; gives up
    /// the rest.
    ///
    /// - Returns: How many waiting records are on the disk again.
    func restoreFiles() throws(FileFailure) -> Int {
        let wanted = segments.enumerated().map { number, segment in
            WantedFile(
                name: name(segment), count: segment.bytes, open: number == segments.count - 1 ? active : nil)
        }
        let result = try files.restore(wanted)
        isVanished = false
        let isActiveInPlace = segments.last.map { !result.copied.union(result.lost).contains(name($0)) } ?? true
        if !isActiveInPlace {
            // A copy is on the disk, and of what was lost nothing can be.
            unsynced = []
            isDirty = false
            if active != nil { leaveActive() }
        }
        let copied = segments.filter { result.copied.contains(name($0)) }
        for segment in copied { noteAgain(segment) }
        for segment in segments where result.lost.contains(name(segment)) { giveUp(segment, .unreadable) }
        if isActiveInPlace {
            // Nobody has written it anew, so what came last may not be on the disk yet.
            try sync()
            if active != nil { leaveActive() }
        }
        return copied.reduce(0) { $0 + $1.live }
    }

    /// Writes down anew what of a segment was delivered, as its own file is gone too.
    private func noteAgain(_ segment: Segment) {
        guard let place = segments.firstIndex(where: { $0.first == segment.first }) else { return }
        segments[place].acknowledgementBytes = 0
        remove([OutboxNames.name(segment.first, .acknowledgements)])
        guard segment.live < segment.records, let bytes = try? files.read(name(segment), at: 0, count: segment.bytes)
        else { return }
        var done: [UInt64] = []
        bytes.withUnsafeBytes { bytes in
            _ = SegmentScan(bytes, from: SegmentHeader.count) { offset, record in
                let head = RecordHead(intact: record)
                let reference = OutboxReference(unit: head.unit, sequence: head.sequence)
                if !stands(reference, at: offset, in: segment) { done.append(head.sequence) }
            }
        }
        note(done, in: place)
    }
}
