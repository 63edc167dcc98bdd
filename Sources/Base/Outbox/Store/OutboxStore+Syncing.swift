/// What is written becomes safe from a power cut.
extension OutboxStore {
    /// Waits until everything is on the disk.
    ///
    /// - Throws: When that failed and those who gave it were told, or will be, that it is safe. It is in memory then.
    func sync() throws(FileFailure) {
        lastSync = clock.monotonic()
        let records = unsynced
        unsynced = []
        defer { isDirty = false }
        guard isDirty, let active else { return }
        do {
            try active.sync()
        } catch {
            // What the kernel could not write it may have forgotten: nothing is appended to this file any more.
            leaveActive()
            guard settings.sync == .always || degradation != nil else { return trouble(error) }
            takeBack(records)
            throw error
        }
    }

    func syncOrDegrade() {
        do {
            try sync()
        } catch {
            degrade(error)
        }
    }

    /// What should be on the disk and is not goes to memory, and from there into another file.
    private func takeBack(_ records: [OutboxRecord]) {
        guard let first = records.first?.key.sequence else { return }
        var kept: [OutboxRecord] = []
        for record in records where index.entry(record.reference) != nil {
            index.move(record.reference, to: UnitQueue.Entry.inMemory)
            if let segment = segmentIndex(of: record.key.sequence) { segments[segment].live -= 1 }
            if memory.record(record.key.sequence) == nil { kept.append(record) }
        }
        // The names of those that hold nothing else will come again.
        for segment in segments where segment.first >= first { forget(segment) }
        if let last = segments.indices.last { segments[last].last = min(segments[last].last, first - 1) }
        memory.prepend(kept)
        limitMemory()
    }
}
