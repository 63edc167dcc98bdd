extension OutboxStore {
    /// Accepts what there is room for, writes all of it at once, and answers those who wait.
    func append(_ requests: [AppendRequest]) {
        blocked += requests
        settle()
    }

    /// Tries the appends that wait, in their order: one that waits for room holds up those behind it.
    func settle() {
        roundDrops = []
        var accepted: [(AppendRequest, Range<UInt64>)] = []
        while let request = blocked.first {
            if mustWait(request) {
                guard clock.monotonic() >= request.deadline else { break }
                finish(request, reason: .blocked)
            } else {
                let first = nextSequence
                stage(request.batch)
                accepted.append((request, first..<nextSequence))
            }
            blocked.removeFirst()
        }
        writeStaged()
        if settings.sync == .always { syncOrDegrade() }
        for (request, sequences) in accepted { answer(request, sequences) }
        roundDrops = []
    }

    private func answer(_ request: AppendRequest, _ sequences: Range<UInt64>) {
        let dropped = roundDrops.isEmpty ? [] : roundDrops.filter { sequences.contains($0.sequence) }.map(\.drop)
        var place = AppendResult.Place.disk
        if dropped.count == sequences.count {
            place = .nowhere
        } else if !memory.isEmpty, sequences.contains(where: { memory.record($0) != nil }) {
            place = .memory
        }
        request.finish(AppendResult(run: run, sequences: sequences, place: place, dropped: dropped))
    }

    /// Refuses a whole batch.
    func finish(_ request: AppendRequest, reason: OutboxDropReason) {
        let dropped = request.batch.map { OutboxDrop(key: nil, unit: $0.unit, reason: reason) }
        drop(dropped.map { (0, $0) })
        request.finish(
            AppendResult(run: run, sequences: nextSequence..<nextSequence, place: .nowhere, dropped: dropped))
    }

    private func mustWait(_ request: AppendRequest) -> Bool {
        guard settings.atLimit == .block else { return false }
        if degradation != nil { return memory.count + staged.count + request.batch.count > settings.memoryRecords }
        let bytes = request.batch.reduce(0) { $0 + OutboxRecord.headBytes + $1.measurement.text.utf8.count }
        return !hasRoom(for: bytes)
    }

    private func stage(_ batch: [OutboxMeasurement]) {
        let now = clock.now
        var refused: [(UInt64, OutboxDrop)] = []
        var room = roomInFiles
        for one in batch {
            let key = OutboxKey(run: run, sequence: nextSequence)
            nextSequence += 1
            let moment = one.acceptedAt ?? now
            let record = OutboxRecord(key: key, one, at: moment)
            wallClockSteps.note(moment, key.sequence)
            let count = record.encodedCount
            if count > OutboxRecord.mostBytes {
                refused.append((key.sequence, OutboxDrop(key: key, unit: one.unit, reason: .tooLong)))
                continue
            }
            if degradation == nil, bytesNeeded(for: count) > room {
                let isEnough = hasRoom(for: count)
                room = roomInFiles
                if !isEnough {
                    refused.append((key.sequence, OutboxDrop(key: key, unit: one.unit, reason: .newest)))
                    continue
                }
            }
            staged.append(record)
            stagedBytes += count
            if stagedBytes >= Self.chunkBytes {
                writeStaged()
                room = roomInFiles
            }
        }
        drop(refused)
    }

    private var roomInFiles: Int { settings.maximumBytes - fileBytes }

    /// What is staged and so many bytes more, with the headers of the segments that this can begin.
    private func bytesNeeded(for bytes: Int) -> Int {
        let all = stagedBytes + bytes
        return all + (2 + all / settings.segmentBytes) * SegmentHeader.count
    }

    /// Gives back what was delivered, and gives up the oldest where that is the policy, until so many bytes more fit in.
    private func hasRoom(for bytes: Int) -> Bool {
        while bytesNeeded(for: bytes) > roomInFiles {
            if compact() { continue }
            if stagedBytes > 0 {
                writeStaged()
                continue
            }
            guard settings.atLimit == .dropOldest, giveUpOldest(.oldest) else { return false }
        }
        return true
    }

    /// Puts what is staged into files, or into memory where they take nothing.
    func writeStaged() {
        let records = staged
        staged = []
        stagedBytes = 0
        guard !records.isEmpty else { return }
        guard degradation == nil else { return keepInMemory(records[...]) }
        var written = 0
        do {
            try write(records, written: &written) { store, record, offset in
                store.index.append(
                    UnitQueue.Entry(sequence: record.key.sequence, offset: offset), of: record.unit)
            }
        } catch {
            degrade(error)
            keepInMemory(records[written...])
        }
    }

    /// - Parameters:
    ///   - written: Counted up with what stands in the file.
    ///   - place: Told where each stands.
    func write(
        _ records: [OutboxRecord], written: inout Int, place: (OutboxStore, OutboxRecord, UInt32) -> Void
    ) throws(FileFailure) {
        while written < records.count {
            let file = try openActive(first: records[written].key.sequence)
            let start = segments[segments.count - 1].bytes
            buffer.removeAll(keepingCapacity: true)
            var offsets: [UInt32] = []
            while written + offsets.count < records.count, start + buffer.count < settings.segmentBytes,
                buffer.count < Self.chunkBytes
            {
                offsets.append(UInt32(start + buffer.count))
                records[written + offsets.count - 1].encode(into: &buffer)
            }
            try append(buffer, to: file, at: start)
            for offset in offsets {
                place(self, records[written], offset)
                written += 1
            }
            noteWritten(records[written - offsets.count..<written])
            if start + buffer.count >= settings.segmentBytes { try seal() }
        }
    }

    private func noteWritten(_ records: ArraySlice<OutboxRecord>) {
        let last = segments.count - 1
        segments[last].bytes += buffer.count
        segments[last].records += records.count
        segments[last].live += records.count
        segments[last].last = records.last?.key.sequence ?? segments[last].last
        segments[last].newest = clock.monotonic()
        if settings.sync == .always || degradation != nil { unsynced += records }
        isDirty = true
    }

    /// What was written by half is cut off again; where that fails too, the segment is left.
    private func append(_ bytes: [UInt8], to file: any AppendedFile, at start: Int) throws(FileFailure) {
        do {
            try file.append(bytes)
        } catch {
            do {
                try file.truncate(to: start)
            } catch {
                // Nothing more goes into it; what stands whole in it must be safe before nobody can sync it any more.
                try sync()
                leaveActive()
            }
            throw error
        }
    }

    /// Makes the segment that is appended to when there is none.
    func openActive(first: UInt64) throws(FileFailure) -> any AppendedFile {
        if let active { return active }
        let name = OutboxNames.name(first, .segment)
        let file = try files.create(name)
        do {
            let header = SegmentHeader(run: run, first: first).bytes
            try file.append(header)
            if settings.sync != .never { try files.syncFolder() }
            segments.append(
                Segment(
                    first: first, from: first, last: first, bytes: header.count, newest: clock.monotonic(),
                    oldest: clock.monotonic()))
        } catch {
            file.close()
            try? files.remove(name)
            throw error
        }
        leftovers.removeAll { $0 == name }
        active = file
        activeSince = clock.monotonic()
        removeEmptySegments()
        return file
    }

    /// Ends the segment that is appended to.
    func seal() throws(FileFailure) {
        if settings.sync != .never { try sync() }
        do {
            // Once closed nothing of it could be put back.
            try files.check(active)
        } catch {
            isVanished = true
            throw error
        }
        active?.close()
        active = nil
        mayCompact = true
    }

    /// Leaves a segment in which nobody knows what stands after its last good record.
    func leaveActive() {
        active?.close()
        active = nil
        // Its name would come again, with the record that is written next.
        if let last = segments.last, last.records == 0 { forget(last) }
    }
}
