/// Records that no file takes while the disk is full or broken, oldest first.
struct MemoryRing {
    /// Nil where one was acknowledged or dropped out of its turn.
    private var slots: [OutboxRecord?] = []
    private var sequences: [UInt64] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    /// How many records there is a place for, those that have gone included.
    var places: Int { slots.count }

    mutating func append(_ record: OutboxRecord) {
        slots.append(record)
        sequences.append(record.key.sequence)
        count += 1
    }

    /// - Parameter records: Older than all others.
    mutating func prepend(_ records: [OutboxRecord]) {
        slots = records + slots[head...]
        sequences = records.map(\.key.sequence) + sequences[head...]
        head = 0
        count += records.count
    }

    private func place(of sequence: UInt64) -> Int? {
        var low = head
        var high = sequences.count
        while low < high {
            let middle = (low + high) / 2
            if sequences[middle] < sequence { low = middle + 1 } else { high = middle }
        }
        return low < sequences.count && sequences[low] == sequence && slots[low] != nil ? low : nil
    }

    func record(_ sequence: UInt64) -> OutboxRecord? {
        place(of: sequence).flatMap { slots[$0] }
    }

    /// The oldest ones.
    func oldest(_ limit: Int) -> [OutboxRecord] {
        Array(slots[head...].lazy.compactMap { $0 }.prefix(limit))
    }

    mutating func remove(_ sequence: UInt64) {
        guard let place = place(of: sequence) else { return }
        slots[place] = nil
        count -= 1
        while head < slots.count, slots[head] == nil { head += 1 }
        // One that stays at the head for ever shall not keep the places of all that came and went behind it.
        guard slots.count > 128, count * 2 < slots.count else { return }
        let live = slots.compactMap(\.self)
        slots = live
        sequences = live.map(\.key.sequence)
        head = 0
    }
}
