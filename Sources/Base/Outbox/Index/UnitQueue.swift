/// Where the records of one unit stand that wait for their delivery: 12 bytes each, in the order of their sequences.
struct UnitQueue {
    struct Entry: Equatable {
        private var sequenceHigh: UInt32
        private var sequenceLow: UInt32
        /// Where the record begins in its segment; ``inMemory`` when it stands in no file.
        var offset: UInt32

        static let inMemory = UInt32.max

        init(sequence: UInt64, offset: UInt32) {
            sequenceHigh = UInt32(truncatingIfNeeded: sequence >> 32)
            sequenceLow = UInt32(truncatingIfNeeded: sequence)
            self.offset = offset
        }

        var sequence: UInt64 { UInt64(sequenceHigh) << 32 | UInt64(sequenceLow) }
    }

    private var entries: [Entry] = []
    private var head = 0

    var count: Int { entries.count - head }
    var isEmpty: Bool { count == 0 }
    var oldest: Entry? { isEmpty ? nil : entries[head] }
    var capacityBytes: Int { entries.capacity * MemoryLayout<Entry>.stride }

    /// - Parameter entry: Newer than all others.
    mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    /// The index of the first entry whose sequence is at least this.
    private func place(of sequence: UInt64) -> Int {
        if head < entries.count, entries[head].sequence >= sequence { return head }
        var low = head
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func entry(_ sequence: UInt64) -> Entry? {
        let place = place(of: sequence)
        return place < entries.count && entries[place].sequence == sequence ? entries[place] : nil
    }

    mutating func remove(_ sequence: UInt64) -> Entry? {
        let place = place(of: sequence)
        guard place < entries.count, entries[place].sequence == sequence else { return nil }
        let entry = entries[place]
        if place == head { head += 1 } else { entries.remove(at: place) }
        giveBackSpace()
        return entry
    }

    /// Half of the array is free at most, and after a long backlog its memory is given back.
    private mutating func giveBackSpace() {
        guard head > 32, head * 2 > entries.count else { return }
        entries = Array(entries[head...])
        head = 0
    }

    mutating func move(_ sequence: UInt64, to offset: UInt32) {
        let place = place(of: sequence)
        guard place < entries.count, entries[place].sequence == sequence else { return }
        entries[place].offset = offset
    }

    /// Those that come after `sequence`, oldest first.
    func entries(after sequence: UInt64?, limit: Int) -> ArraySlice<Entry> {
        let start = sequence.map { $0 == .max ? entries.count : place(of: $0 + 1) } ?? head
        return entries[start...].prefix(max(0, limit))
    }
}
