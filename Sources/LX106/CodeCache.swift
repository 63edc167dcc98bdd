/// Instructions that are decoded already, in blocks that are run from their first one on.
///
/// A block is a row of slots: its start in a ``Operation/note``, its instructions, and at its end a jump or a
/// ``Operation/goOn``. It stays within the page of its start but for the end of its last instruction.
final class CodeCache {
    typealias Slots = UnsafeMutablePointer<Instruction>

    private static let pageBytes = Int(AddressSpace.pageBytes)
    /// 4 MiB.
    static let usualCapacity = 0x8_0000
    /// The longest block, in slots; it has one instruction less.
    static let longestBlock = 64

    /// For each page, and there for each byte, the number of the slot where the block begins; 0 for none.
    let starts: UnsafeMutablePointer<UnsafeMutablePointer<Int32>?>
    let slots: Slots
    private let pages: Int
    /// In slots; when they are used up, all is decoded anew.
    private let capacity: Int
    private var used = 1
    /// A bit for each byte of a page that some block was decoded from, or was.
    private var covered: [Int: [UInt64]] = [:]

    init(pages: Int, capacity: Int) {
        self.pages = pages
        self.capacity = capacity
        starts = .allocate(capacity: pages)
        starts.initialize(repeating: nil, count: pages)
        slots = .allocate(capacity: capacity)
    }

    deinit {
        for page in 0..<pages { starts[page]?.deallocate() }
        starts.deallocate()
        slots.deallocate()
    }

    /// Where a decoded block's first instruction stands; nil where none begins.
    func block(at address: UInt32) -> Slots? {
        let place = Int(address &- AddressSpace.first)
        guard place < pages * Self.pageBytes, let table = starts[place / Self.pageBytes] else { return nil }
        let start = Int(table[place % Self.pageBytes])
        return start == 0 ? nil : slots + start
    }

    func holds(page: Int) -> Bool { covered[page] != nil }

    func covers(page: Int, _ offsets: ClosedRange<Int>) -> Bool {
        guard let bits = covered[page] else { return false }
        return offsets.contains { bits[$0 / 64] & 1 << UInt64($0 % 64) != 0 }
    }

    /// Forgets what was decoded from the page, and from the one before, whose last block may reach into it.
    func forget(page: Int) {
        guard covered.removeValue(forKey: page) != nil else { return }
        // The page before stays covered: a block of the one before that may reach into it.
        for page in max(0, page - 1)...page {
            starts[page]?.update(repeating: 0, count: Self.pageBytes)
        }
    }

    func forgetAll() {
        for page in covered.keys { starts[page]?.update(repeating: 0, count: Self.pageBytes) }
        covered = [:]
        used = 1
    }

    /// Keeps a block.
    ///
    /// - Parameters:
    ///   - block: Its slots after the note of its start; at most ``longestBlock``.
    ///   - bytes: How many bytes it was decoded from.
    /// - Returns: Where its first instruction stands now.
    func keep(_ block: [Instruction], from address: UInt32, bytes: Int) -> Slots {
        if used + block.count + 1 > capacity { forgetAll() }
        let first = Int(address &- AddressSpace.first)
        for place in first..<first + bytes {
            let (page, offset) = (place / Self.pageBytes, place % Self.pageBytes)
            covered[page, default: Array(repeating: 0, count: Self.pageBytes / 64)][offset / 64] |=
                1 << UInt64(offset % 64)
        }
        let page = first / Self.pageBytes
        let table = starts[page] ?? makeTable(page)
        let start = used + 1
        table[first % Self.pageBytes] = Int32(start)
        place(block, from: address, at: used)
        used += block.count + 1
        return slots + start
    }

    /// Holds a block for one run only.
    func hold(_ block: [Instruction], from address: UInt32) -> Slots {
        if used + block.count + 1 > capacity { forgetAll() }
        place(block, from: address, at: used)
        return slots + used + 1
    }

    /// Holds the beginning of a block, at most `count` instructions, for one run only.
    func hold(_ count: Int, of block: Slots) -> Slots {
        let start = (block - 1).pointee.immediate
        var end = start
        var beginning: [Instruction] = []
        while beginning.count < count, block[beginning.count].operation != .goOn {
            end &+= UInt32(block[beginning.count].length)
            beginning.append(block[beginning.count])
        }
        return hold(beginning + [Instruction(.goOn, immediate: end)], from: start)
    }

    private func place(_ block: [Instruction], from address: UInt32, at slot: Int) {
        slots[slot] = Instruction(.note, immediate: address)
        for (index, instruction) in block.enumerated() { slots[slot + 1 + index] = instruction }
    }

    private func makeTable(_ page: Int) -> UnsafeMutablePointer<Int32> {
        let table = UnsafeMutablePointer<Int32>.allocate(capacity: Self.pageBytes)
        table.initialize(repeating: 0, count: Self.pageBytes)
        starts[page] = table
        return table
    }
}
