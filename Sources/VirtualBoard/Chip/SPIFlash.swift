/// The flash on the board: programming only clears bits, erasing sets all of a sector.
///
/// Operations say how long they take; whoever drives the flash waits so long, and tells with ``begin(at:timing:)`` when
/// they began. ``read(_:_:)`` sees them as done, as nothing can be read meanwhile; the medium gets a sector once the
/// command that changes it is done. So a cut of the power, or of the process, finds what was not yet begun as it was.
///
/// The addresses of all operations wrap at the flash's end, as its address counter has no more bits. Source: the data
/// sheets of W25Q32FV and GD25Q32C, as are the sizes, which are not the host's on purpose: a test of both must not compare
/// one constant with itself.
public struct SPIFlash: Sendable {
    static let sectorBytes = 0x1000
    static let blockBytes = 0x10000
    static let pageBytes = 0x100
    private static let sectorsPerBlock = blockBytes / sectorBytes

    public let chip: FlashChip
    private var contents: any FlashContents
    /// As it is when all work is done.
    private var bytes: [UInt8]
    private var work: [FlashWork] = []
    private var random: SeededRandom
    /// Sectors that no longer take what is programmed.
    public var badSectors: Set<Int> = []
    /// The two status registers, lowest byte first.
    public var status: UInt16 = 0
    /// What all commands that are done have taken.
    private(set) var busy = Duration.zero
    /// What the medium refused first.
    public private(set) var failure: (any Error)?

    /// - Parameter seed: Decides what a sector holds whose change was cut off.
    public init(chip: FlashChip, contents: any FlashContents, seed: UInt64 = 0) {
        precondition(contents.bytes.count == chip.bytes, "the contents are as long as the flash")
        self.chip = chip
        self.contents = contents
        bytes = contents.bytes
        random = SeededRandom(seed: seed)
    }

    private var sectors: Int { chip.bytes / Self.sectorBytes }

    /// What the medium holds: without the work that is not done.
    var kept: [UInt8] { contents.bytes }

    /// `count` bytes from `offset`.
    public func read(_ offset: Int, _ count: Int) -> [UInt8] {
        let start = offset % chip.bytes
        guard start + count > chip.bytes else { return Array(bytes[start..<start + count]) }
        return (0..<count).map { bytes[(start + $0) % chip.bytes] }
    }

    /// Clears bits from `offset` on, a page at a time.
    ///
    /// - Parameter bytesPerCommand: How much of a page one command takes, which has its price in time; a page without it.
    /// - Returns: The time that it takes.
    public mutating func program(_ offset: Int, _ data: [UInt8], bytesPerCommand: Int? = nil) -> Duration {
        let most = bytesPerCommand ?? Self.pageBytes
        var time = Duration.zero
        var done = 0
        while done < data.count {
            let place = offset + done
            let count = min(data.count - done, Self.pageBytes - place % Self.pageBytes)
            let commands = stride(from: 0, to: count, by: most).map { min(most, count - $0) }
            time += programPage(
                place, Array(data[done..<done + count]), cost: commands.reduce(.zero) { $0 + chip.timing.program($1) })
            done += count
        }
        return time
    }

    /// What one command programs: behind the end of its page it goes on at the page's start.
    public mutating func programPage(_ offset: Int, _ data: [UInt8]) -> Duration {
        data.isEmpty ? .zero : programPage(offset, data, cost: chip.timing.program(data.count))
    }

    private mutating func programPage(_ offset: Int, _ data: [UInt8], cost: Duration) -> Duration {
        let start = offset % chip.bytes
        let sector = start / Self.sectorBytes
        let page = start % Self.sectorBytes / Self.pageBytes * Self.pageBytes
        change([sector], cost: cost) { bytes in
            for (index, byte) in data.enumerated() {
                bytes[page + (start + index) % Self.pageBytes] &= byte
            }
        }
        return cost
    }

    /// Sets all bits of the sector.
    public mutating func eraseSector(_ sector: Int) -> Duration {
        blank(sector, count: 1, cost: chip.timing.eraseSector)
    }

    /// Sets all bits of sectors, in blocks of 64 KiB where whole ones are covered; each of the flash's sectors once.
    public mutating func erase(sectors range: Range<Int>) -> Duration {
        var time = Duration.zero
        var sector = range.lowerBound
        let end = min(range.upperBound, range.lowerBound + sectors)
        while sector < end {
            let isBlock = sector.isMultiple(of: Self.sectorsPerBlock) && sector + Self.sectorsPerBlock <= end
            let count = isBlock ? Self.sectorsPerBlock : 1
            time += blank(sector, count: count, cost: isBlock ? chip.timing.eraseBlock : chip.timing.eraseSector)
            sector += count
        }
        return time
    }

    public mutating func eraseAll() -> Duration {
        blank(0, count: sectors, cost: chip.timing.eraseChip)
    }

    private mutating func blank(_ sector: Int, count: Int, cost: Duration) -> Duration {
        change((sector..<sector + count).map { $0 % sectors }, cost: cost) { bytes in
            bytes = [UInt8](repeating: 0xFF, count: Self.sectorBytes)
        }
        return cost
    }

    /// One command that changes whole sectors or parts of them. A bad sector stays as it is.
    private mutating func change(_ sectors: [Int], cost: Duration, _ body: (inout [UInt8]) -> Void) {
        var pieces: [FlashWork.Piece] = []
        for sector in sectors where !badSectors.contains(sector) {
            let before = read(sector * Self.sectorBytes, Self.sectorBytes)
            var after = before
            body(&after)
            guard after != before else { continue }
            show(sector, after)
            pieces.append(FlashWork.Piece(sector: sector, before: before, after: after))
        }
        work.append(FlashWork(pieces: pieces, cost: cost))
    }

    private mutating func show(_ sector: Int, _ new: [UInt8]) {
        let start = sector * Self.sectorBytes
        bytes.replaceSubrange(start..<start + Self.sectorBytes, with: new)
    }

    private mutating func keep(_ sector: Int, _ new: [UInt8]) {
        do {
            try contents.replace(sector: sector, with: new[...])
        } catch {
            failure = failure ?? error
        }
    }
}

extension SPIFlash {
    /// When the next command is done; nil where none is in work.
    var nextEnd: Duration? { work.first?.ends }

    /// What was asked for since the last call begins now, or when what is in work is done.
    mutating func begin(at now: Duration, timing: ChipTiming) {
        var free = now
        for index in work.indices {
            if let ends = work[index].ends {
                free = max(free, ends)
            } else {
                work[index].begins = free
                free += timing.busy(work[index].cost)
                work[index].ends = free
            }
        }
    }

    /// Gives the medium what is done by now, each sector once.
    mutating func settle(at now: Duration) {
        let count = work.firstIndex { $0.ends.map { $0 > now } ?? true } ?? work.count
        guard count > 0 else { return }
        busy += work[..<count].reduce(.zero) { $0 + $1.cost }
        let pieces = work[..<count].flatMap(\.pieces)
        work.removeFirst(count)
        let newest = Dictionary(pieces.map { ($0.sector, $0.after) }) { $1 }
        for (sector, bytes) in newest.sorted(by: { $0.key < $1.key }) { keep(sector, bytes) }
    }

    /// Lets all work be done, however long it takes.
    mutating func finish() {
        begin(at: .zero, timing: .fast)
        settle(at: .seconds(Int64.max))
    }

    /// The chip no longer gives commands: the one in work goes on, those behind it never come about.
    mutating func dropQueued(at now: Duration) {
        settle(at: now)
        drop(from: work.firstIndex { $0.begins > now || $0.ends == nil } ?? work.endIndex)
    }

    /// The power is gone: what is in work stays half done.
    mutating func cutPower(at now: Duration) {
        dropQueued(at: now)
        for item in work {
            for piece in item.pieces {
                let torn = piece.torn(&random)
                show(piece.sector, torn)
                keep(piece.sector, torn)
            }
        }
        work = []
    }

    private mutating func drop(from index: Int) {
        for item in work[index...].reversed() {
            for piece in item.pieces { show(piece.sector, piece.before) }
        }
        work.removeSubrange(index...)
    }
}
