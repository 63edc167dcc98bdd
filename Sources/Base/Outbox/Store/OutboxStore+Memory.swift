/// While the disk is full or broken.
extension OutboxStore {
    /// Raises the alarm, once.
    func degrade(_ failure: FileFailure) {
        troubles += 1
        guard degradation == nil else { return }
        degradation = Degradation(reason: "\(failure)", nextProbe: clock.monotonic() + probeBackoff.next())
        report(.degraded(reason: "\(failure)"))
    }

    /// Keeps records that stand in no file.
    func keepInMemory(_ records: ArraySlice<OutboxRecord>) {
        for record in records {
            index.append(
                UnitQueue.Entry(sequence: record.key.sequence, offset: UnitQueue.Entry.inMemory), of: record.unit)
        }
        for record in records { memory.append(record) }
        limitMemory()
    }

    /// Gives up what is more than may be kept.
    func limitMemory() {
        let excess = memory.count - settings.memoryRecords
        guard excess > 0 else { return }
        let isOldest = settings.atLimit == .dropOldest
        let victims = isOldest ? memory.oldest(excess) : Array(memory.oldest(.max).suffix(excess))
        for record in victims {
            memory.remove(record.key.sequence)
            _ = index.remove(record.reference)
        }
        let reason = isOldest ? OutboxDropReason.oldest : .newest
        drop(victims.map { ($0.key.sequence, OutboxDrop(key: $0.key, unit: $0.unit, reason: reason)) })
    }

    /// What must fit on the disk, in bytes, before it counts as well while no record waits for it: less may fit in by chance.
    static let trialBytes = 64 * 1024

    /// Tries to write what is in memory, oldest first; only what was written and synced ends the alarm.
    func probe() {
        guard degradation != nil else { return }
        var carried = 0
        let wasVanished = isVanished
        do {
            if isVanished { carried += try restoreFiles() }
            if memory.isEmpty { try tryDisk() }
            while !memory.isEmpty { carried += try carry(memory.oldest(1000)) }
        } catch {
            degradation = Degradation(reason: "\(error)", nextProbe: clock.monotonic() + probeBackoff.next())
            return
        }
        degradation = nil
        // A file that somebody took away says nothing of the disk: no later alarm shall last longer for it.
        if carried > 0 || wasVanished { probeBackoff.reset() }
        for index in segments.indices { segments[index].isStuck = false }
        mayCompact = true
        report(.recovered(records: carried))
    }

    /// Writes and syncs a file that nobody needs, and removes it.
    private func tryDisk() throws(FileFailure) {
        let name = OutboxNames.name(nextSequence, .unfinished)
        let file = try files.create(name)
        do {
            try file.append([UInt8](repeating: 0, count: Self.trialBytes))
            try file.sync()
        } catch {
            file.close()
            try? files.remove(name)
            throw error
        }
        file.close()
        try files.remove(name)
    }

    /// Writes and syncs some of what is in memory; what is safe then leaves the memory, also when the rest has failed.
    private func carry(_ records: [OutboxRecord]) throws(FileFailure) -> Int {
        var written = 0
        defer {
            for record in records where index.entry(record.reference)?.offset != UnitQueue.Entry.inMemory {
                memory.remove(record.key.sequence)
            }
        }
        do {
            try write(records, written: &written) { store, record, offset in
                store.index.move(record.reference, to: offset)
            }
        } catch {
            try sync()
            throw error
        }
        try sync()
        return written
    }
}
