import UnitProtocol

/// The records that wait, by unit.
struct OutboxIndex {
    private var queues: [IPv4Address: UnitQueue] = [:]
    private(set) var count = 0

    var units: [IPv4Address] { queues.filter { !$0.value.isEmpty }.map(\.key) }
    /// What the entries take in memory.
    var bytes: Int { queues.values.reduce(0) { $0 + $1.capacityBytes } }

    mutating func append(_ entry: UnitQueue.Entry, of unit: IPv4Address) {
        queues[unit, default: UnitQueue()].append(entry)
        count += 1
    }

    mutating func remove(_ reference: OutboxReference) -> UnitQueue.Entry? {
        guard let entry = queues[reference.unit]?.remove(reference.sequence) else { return nil }
        if queues[reference.unit]?.isEmpty == true { queues[reference.unit] = nil }
        count -= 1
        return entry
    }

    mutating func move(_ reference: OutboxReference, to offset: UInt32) {
        queues[reference.unit]?.move(reference.sequence, to: offset)
    }

    func entry(_ reference: OutboxReference) -> UnitQueue.Entry? {
        queues[reference.unit]?.entry(reference.sequence)
    }

    /// The one with the lowest sequence. Asks every unit.
    var oldest: (unit: IPv4Address, entry: UnitQueue.Entry)? {
        var oldest: (unit: IPv4Address, entry: UnitQueue.Entry)?
        for (unit, queue) in queues {
            guard let entry = queue.oldest, oldest.map({ entry.sequence < $0.entry.sequence }) ?? true else { continue }
            oldest = (unit, entry)
        }
        return oldest
    }

    func count(of unit: IPv4Address) -> Int { queues[unit]?.count ?? 0 }

    func entries(of unit: IPv4Address, after sequence: UInt64?, limit: Int) -> ArraySlice<UnitQueue.Entry> {
        queues[unit]?.entries(after: sequence, limit: limit) ?? []
    }

    /// All that wait whose sequences lie in a range, in order. Asks every unit.
    func references(in range: ClosedRange<UInt64>) -> [OutboxReference] {
        var references: [OutboxReference] = []
        for (unit, queue) in queues {
            let before = range.lowerBound == 0 ? nil : range.lowerBound - 1
            for entry in queue.entries(after: before, limit: .max).prefix(while: { $0.sequence <= range.upperBound }) {
                references.append(OutboxReference(unit: unit, sequence: entry.sequence))
            }
        }
        return references.sorted { $0.sequence < $1.sequence }
    }
}
