import UnitProtocol

extension OutboxStore {
    /// The same as ``records(of:after:limit:)``; nil where some of them cannot be read before their files are put back: ask again.
    func readableRecords(of unit: IPv4Address, after sequence: UInt64?, limit: Int) -> [OutboxRecord]? {
        guard isVanished else { return records(of: unit, after: sequence, limit: limit) }
        let entries = index.entries(of: unit, after: sequence, limit: limit)
        let records = entries.compactMap { record(OutboxReference(unit: unit, sequence: $0.sequence), $0) }
        return records.count == entries.count ? records : nil
    }

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
        guard record.key.run == run else { return record }
        return OutboxRecord(
            key: record.key, unit: record.unit, acceptedAt: record.acceptedAt,
            steady: wallClockSteps.steady(of: reference.sequence, wall: record.acceptedAt),
            measurement: record.measurement)
    }

    /// How long ago what waits longest was accepted. Where the steady clock does not know, it is within what the monotonic clock
    /// says of its segment, so that a wall clock that jumps falsifies what an earlier run has accepted by the time in which a
    /// segment fills at most. One that cannot be read counts as the oldest of its segment.
    var oldestAge: Duration? {
        guard let (unit, entry) = index.oldest else { return nil }
        let reference = OutboxReference(unit: unit, sequence: entry.sequence)
        let record = record(reference, entry)
        let age = record.map { Duration.milliseconds($0.age(at: clock.now)) }
        // The steady clock counts on while the machine sleeps, and the monotonic one does not.
        guard record?.steady == nil, entry.offset != UnitQueue.Entry.inMemory,
            let found = segmentIndex(of: entry.sequence)
        else { return age }
        let now = clock.monotonic()
        let limits = (now - segments[found].newest, now - segments[found].oldest)
        return age.map { max(limits.0, min($0, limits.1)) } ?? limits.1
    }

    private func giveUpUnreadable(_ references: [OutboxReference]) {
        let known = retire(references)
        drop(known.map { ($0.sequence, OutboxDrop(key: nil, unit: $0.unit, reason: .unreadable)) })
    }
}
