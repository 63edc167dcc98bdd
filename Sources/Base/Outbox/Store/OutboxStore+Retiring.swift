import UnitProtocol

/// Records that are delivered, or given up.
extension OutboxStore {
    /// Records do not wait any more: the files say so, and those without a waiting record are removed.
    ///
    /// - Returns: Those that were known.
    @discardableResult
    func retire(_ references: [OutboxReference]) -> [OutboxReference] {
        var known: [OutboxReference] = []
        var bySegment: [Int: [UInt64]] = [:]
        for reference in references {
            guard let entry = index.remove(reference) else { continue }
            known.append(reference)
            if entry.offset == UnitQueue.Entry.inMemory {
                memory.remove(reference.sequence)
            } else if let segment = segmentIndex(of: reference.sequence) {
                bySegment[segment, default: []].append(reference.sequence)
            }
        }
        for (segment, sequences) in bySegment {
            segments[segment].live -= sequences.count
            if segments[segment].live > 0 || segment == segments.count - 1 { note(sequences.sorted(), in: segment) }
        }
        removeEmptySegments()
        mayCompact = mayCompact || !bySegment.isEmpty
        return known
    }

    /// Losing this costs a second delivery with the same key, so nobody waits for the disk.
    func note(_ sequences: [UInt64], in segment: Int) {
        // What is put back has them noted then.
        guard !isVanished else { return }
        do {
            segments[segment].acknowledgementBytes = try files.append(
                Acknowledgements.encode(sequences),
                to: OutboxNames.name(segments[segment].first, .acknowledgements), unit: Acknowledgements.entryBytes)
        } catch {
            trouble(error)
        }
    }

    /// The newest segment stays, whatever is in it: it tells the next run which sequences were given.
    func removeEmptySegments() {
        guard segments.dropLast().contains(where: { $0.live == 0 }) else { return }
        for segment in segments.dropLast() where segment.live == 0 { forget(segment) }
    }

    /// Removes a segment's files.
    func forget(_ segment: Segment) {
        segments.removeAll { $0.first == segment.first }
        readsFailSince[segment.first] = nil
        recordsFailSince = recordsFailSince.filter {
            !(segment.from...max(segment.from, segment.last)).contains($0.key)
        }
        // First the records: without the acknowledgements they would wait again.
        remove(
            [name(segment)]
                + (segment.acknowledgementBytes > 0 ? [OutboxNames.name(segment.first, .acknowledgements)] : []))
    }

    func remove(_ names: [String]) {
        for name in names {
            do {
                try files.remove(name)
            } catch {
                leftovers.append(name)
                trouble(error)
            }
        }
    }

    /// Gives up all that wait in the oldest segment, unless it is the only one.
    ///
    /// - Returns: Whether that has freed a file.
    func giveUpOldest(_ reason: OutboxDropReason) -> Bool {
        guard let oldest = segments.first, segments.count > 1 else { return false }
        giveUp(oldest, reason)
        return segments.first?.first != oldest.first
    }

    /// Gives up all that wait in a segment.
    func giveUp(_ segment: Segment, _ reason: OutboxDropReason) {
        guard segment.from <= segment.last else { return }
        let runs = runs(in: segment)
        let dropped = retire(index.references(in: segment.from...segment.last)).map { reference in
            let key = runs[reference.sequence].map { OutboxKey(run: $0, sequence: reference.sequence) }
            return (reference.sequence, OutboxDrop(key: key, unit: reference.unit, reason: reason))
        }
        drop(dropped)
    }

    private func runs(in segment: Segment) -> [UInt64: RunID] {
        guard let bytes = try? files.read(name(segment), at: 0, count: segment.bytes) else { return [:] }
        var runs: [UInt64: RunID] = [:]
        bytes.withUnsafeBytes { bytes in
            _ = SegmentScan(bytes, from: SegmentHeader.count) { _, record in
                let head = RecordHead(intact: record)
                runs[head.sequence] = head.run
            }
        }
        return runs
    }
}
