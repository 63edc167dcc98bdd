import Glibc
import UnitProtocol

extension OutboxStore {
    /// How long the reads of a record, or all of a segment, may fail before it is given up.
    static let readPatience = Duration.seconds(600)

    /// What a look for a record has come to.
    private enum Found {
        case record(OutboxRecord)
        /// Its bytes are not those that were written.
        case damaged
        /// The disk did not give them, which says nothing of what stands there: ask again.
        case later
    }

    /// The oldest records of a unit that wait, after a sequence. Fewer than `limit` are all: what is damaged is given up, and others
    /// take its place. Nil where some of them cannot be read now: their files are to be put back, or the disk fails. Ask again.
    func records(of unit: IPv4Address, after sequence: UInt64?, limit: Int) -> [OutboxRecord]? {
        var records: [OutboxRecord] = []
        var last = sequence
        while records.count < limit {
            var unreadable: [OutboxReference] = []
            let entries = index.entries(of: unit, after: last, limit: limit - records.count)
            guard let end = entries.last?.sequence else { break }
            for entry in entries {
                let reference = OutboxReference(unit: unit, sequence: entry.sequence)
                switch find(reference, entry) {
                case .record(let record): records.append(record)
                case .damaged: unreadable.append(reference)
                case .later: return nil
                }
            }
            giveUpUnreadable(unreadable)
            last = end
        }
        return records
    }

    private func find(_ reference: OutboxReference, _ entry: UnitQueue.Entry) -> Found {
        guard entry.offset != UnitQueue.Entry.inMemory else {
            return memory.record(reference.sequence).map { .record($0) } ?? .damaged
        }
        guard let segment = segmentIndex(of: reference.sequence).map({ segments[$0] }) else { return .damaged }
        let bytes: [UInt8]
        do {
            bytes = try files.read(name(segment), at: Int(entry.offset), count: OutboxRecord.mostBytes)
        } catch {
            // Those that are to be put back are known to be gone.
            return isVanished || isWorthWaiting(for: reference, in: segment, error) ? .later : .damaged
        }
        readsFailSince[segment.first] = nil
        recordsFailSince[reference.sequence] = nil
        guard let record = bytes.withUnsafeBytes({ OutboxRecord.intact(in: $0, at: 0).flatMap(OutboxRecord.init) }),
            record.reference == reference
        else { return .damaged }
        guard record.key.run == run else { return .record(record) }
        return .record(
            OutboxRecord(
                key: record.key, unit: record.unit, acceptedAt: record.acceptedAt,
                steady: wallClockSteps.steady(of: reference.sequence, wall: record.acceptedAt),
                measurement: record.measurement))
    }

    /// Whether what could not be read may be read later: not a file that is gone, nor what has failed for too long.
    private func isWorthWaiting(
        for reference: OutboxReference, in segment: Segment, _ failure: FileFailure
    ) -> Bool {
        trouble(failure)
        let now = clock.monotonic()
        let inSegment = readsFailSince[segment.first] ?? now
        let ofRecord = recordsFailSince[reference.sequence] ?? now
        (readsFailSince[segment.first], recordsFailSince[reference.sequence]) = (inSegment, ofRecord)
        let since = min(inSegment, ofRecord)
        return failure.code != ENOENT && now - since < Self.readPatience
    }

    /// How long ago what waits longest was accepted. Where the steady clock does not know, it is within what the monotonic clock
    /// says of its segment, so that a wall clock that jumps falsifies what an earlier run has accepted by the time in which a
    /// segment fills at most. One that cannot be read counts as the oldest of its segment.
    var oldestAge: Duration? {
        guard let (unit, entry) = index.oldest else { return nil }
        let reference = OutboxReference(unit: unit, sequence: entry.sequence)
        let record: OutboxRecord? = if case .record(let found) = find(reference, entry) { found } else { nil }
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
