import ESPLoader

/// The flash on the board: programming only clears bits, erasing sets all of a sector.
///
/// Operations say how long they take; whoever drives the flash waits so long.
public struct SPIFlash: Sendable {
    public let chip: FlashChip
    private var contents: any FlashContents
    /// Sectors that no longer take what is programmed.
    public var badSectors: Set<Int> = []
    /// The two status registers, lowest byte first.
    public var status: UInt16 = 0
    /// What the medium refused, once.
    public private(set) var failure: (any Error)?

    public init(chip: FlashChip, contents: any FlashContents) {
        precondition(contents.bytes.count == chip.bytes, "the contents are as long as the flash")
        self.chip = chip
        self.contents = contents
    }

    /// `count` bytes from `offset`; beyond the end the flash begins anew, as the chip's address counter does.
    public func read(_ offset: Int, _ count: Int) -> [UInt8] {
        let bytes = contents.bytes
        guard offset + count > bytes.count else { return Array(bytes[offset..<offset + count]) }
        return (0..<count).map { bytes[(offset + $0) % bytes.count] }
    }

    /// Clears bits from `offset` on.
    ///
    /// - Returns: The time that it takes, a page at a time.
    public mutating func program(_ offset: Int, _ data: [UInt8]) -> Duration {
        guard !data.isEmpty, offset < chip.bytes else { return .zero }
        let end = min(chip.bytes, offset + data.count)
        for sector in offset / FlashGeometry.sectorBytes...(end - 1) / FlashGeometry.sectorBytes {
            let start = sector * FlashGeometry.sectorBytes
            var bytes = read(start, FlashGeometry.sectorBytes)
            guard !badSectors.contains(sector) else { continue }
            for place in max(start, offset)..<min(start + FlashGeometry.sectorBytes, end) {
                bytes[place - start] &= data[place - offset]
            }
            replace(sector, bytes)
        }
        let pages = (end - 1) / FlashGeometry.pageBytes - offset / FlashGeometry.pageBytes + 1
        return chip.timing.programPage * pages
    }

    /// Sets all bits of the sector.
    public mutating func eraseSector(_ sector: Int) -> Duration {
        guard sector * FlashGeometry.sectorBytes < chip.bytes else { return .zero }
        blank(sector)
        return chip.timing.eraseSector
    }

    /// Sets all bits of sectors, in blocks of 64 KiB where whole ones are covered.
    public mutating func erase(sectors: Range<Int>) -> Duration {
        let perBlock = FlashGeometry.blockBytes / FlashGeometry.sectorBytes
        var time = Duration.zero
        var sector = sectors.lowerBound
        while sector < min(sectors.upperBound, chip.bytes / FlashGeometry.sectorBytes) {
            let isBlock = sector.isMultiple(of: perBlock) && sector + perBlock <= sectors.upperBound
            let count = isBlock ? perBlock : 1
            for index in sector..<sector + count { blank(index) }
            time += isBlock ? chip.timing.eraseBlock : chip.timing.eraseSector
            sector += count
        }
        return time
    }

    public mutating func eraseAll() -> Duration {
        _ = erase(sectors: 0..<chip.bytes / FlashGeometry.sectorBytes)
        return chip.timing.eraseChip
    }

    private mutating func blank(_ sector: Int) {
        guard !badSectors.contains(sector) else { return }
        replace(sector, [UInt8](repeating: 0xFF, count: FlashGeometry.sectorBytes))
    }

    private mutating func replace(_ sector: Int, _ bytes: [UInt8]) {
        do {
            try contents.replace(sector: sector, with: bytes[...])
        } catch {
            failure = error
        }
    }
}
