import UnitProtocol

extension OutboxStore {
    /// The oldest records of a unit that wait, after a sequence. Fewer than `limit` are all: what cannot be read is given up,
    /// and others take its place.
    func records(of unit: IPv4Address, after sequence: UInt64?, limit: Int) -> [OutboxRecord] {
        var records: [OutboxRecord] = []
        var last = sequence
        while records.count < limit {
            var unreadable: [OutboxReference] = []
            let entries = index.entries(of: unit, after: last, limit: limit - records.count)
            guard let end = entries.last?.sequence else { break }
            for entry in entries {
                let reference = OutboxReference(unit: unit, sequence: entry.sequence)
                if let record = record(reference, entry) {
                    records.append(record)
                } else {
                    unreadable.append(reference)
                }
            }
            giveUpUnreadable(unreadable)
            last = end
        }
        return records
    }

    private func record(_ reference: OutboxReference, _ entry: UnitQueue.Entry) -> OutboxRecord? {
        guard entry.offset != UnitQueue.Entry.inMemory else { return memory.record(reference.sequence) }
        guard let segment = segmentIndex(of: reference.sequence),
            let bytes = try? files.read(
                name(segments[segment]), at: Int(entry.offset), count: OutboxRecord.mostBytes),
            let record = bytes.withUnsafeBytes({ OutboxRecord.intact(in: $0, at: 0).flatMap(OutboxRecord.init) }),
            record.reference == reference
        else { return nil }
        return record
    }

    /// How long ago what waits longest was accepted: by the wall clock, and within what the monotonic clock says of its
    /// segment, so that a wall clock that jumps falsifies it by the time in which a segment fills at most. One that cannot be
    /// read counts as the oldest of its segment.
    var oldestAge: Duration? {
        guard let (unit, entry) = index.oldest else { return nil }
        let reference = OutboxReference(unit: unit, sequence: entry.sequence)
        let age = record(reference, entry).map { Duration.milliseconds($0.age(at: clock.wall())) }
        guard entry.offset != UnitQueue.Entry.inMemory, let found = segmentIndex(of: entry.sequence) else { return age }
        let now = clock.monotonic()
        let limits = (now - segments[found].newest, now - segments[found].oldest)
        return age.map { max(limits.0, min($0, limits.1)) } ?? limits.1
    }

    private func giveUpUnreadable(_ references: [OutboxReference]) {
        let known = retire(references)
        drop(known.map { ($0.sequence, OutboxDrop(key: nil, unit: $0.unit, reason: .unreadable)) })
    }

    /// The oldest records that wait, whatever their unit, after a sequence: segment after segment, a piece at a time.
    func records(after sequence: UInt64?, limit: Int) -> [OutboxRecord] {
        var records: [OutboxRecord] = []
        var (place, offset) = position(after: sequence)
        while records.count < limit, place < segments.count {
            let segment = segments[place]
            offset = max(offset, segment.liveFrom)
            let read = segment.live == 0 ? 0 : collect(place, at: offset, after: sequence, limit, into: &records)
            offset += read
            if let last = records.last, read > 0 {
                cursor = ReadCursor(sequence: last.key.sequence, segment: segment.first, offset: offset)
            } else if read == 0 {
                (place, offset) = (place + 1, SegmentHeader.count)
            }
        }
        let last = records.last?.key.sequence ?? sequence
        for record in memory.oldest(.max) where records.count < limit {
            if last.map({ record.key.sequence > $0 }) ?? true { records.append(record) }
        }
        return records
    }

    private func position(after sequence: UInt64?) -> (segment: Int, offset: Int) {
        guard let sequence, let segment = segmentIndex(of: sequence) else { return (0, SegmentHeader.count) }
        guard let cursor, cursor.sequence == sequence, cursor.segment == segments[segment].first else {
            return (segment, SegmentHeader.count)
        }
        return (segment, cursor.offset)
    }

    /// - Returns: How many bytes were looked through; 0 at the end.
    private func collect(
        _ number: Int, at start: Int, after sequence: UInt64?, _ limit: Int, into records: inout [OutboxRecord]
    ) -> Int {
        let segment = segments[number]
        var isDead = start <= segment.liveFrom
        let count = min(segment.bytes - start, Self.pieceBytes)
        guard count > 0, let bytes = try? files.read(name(segment), at: start, count: count) else { return 0 }
        let isLast = start + count == segment.bytes
        return bytes.withUnsafeBytes { bytes in
            var place = 0
            while place < bytes.count, records.count < limit {
                guard let found = OutboxRecord.intact(in: bytes, at: place) else {
                    // Cut off by the end of this piece, or damaged.
                    if !isLast, bytes.count - place < OutboxRecord.mostBytes { break }
                    place += 1
                    continue
                }
                let head = RecordHead(intact: found)
                let reference = OutboxReference(unit: head.unit, sequence: head.sequence)
                let isLive = stands(reference, at: start + place, in: segment)
                isDead = isDead && !isLive
                if isLive, sequence.map({ head.sequence > $0 }) ?? true, let record = OutboxRecord(intact: found) {
                    records.append(record)
                }
                place += found.count
                if isDead { segments[number].liveFrom = start + place }
            }
            return place
        }
    }
}
