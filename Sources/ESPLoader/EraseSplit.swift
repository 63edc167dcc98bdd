/// How a range of sectors is erased so that nothing beside it is: the ROM's own erase, which cannot erase an odd number of
/// sectors at the head of a range, and a last sector by a command to the flash.
///
/// Source: the ROM counts the sectors before the first border of 64 KiB twice, see ``FlashGeometry``.
public struct EraseSplit: Sendable, Equatable {
    /// What FLASH_BEGIN carries (bytes); 0 where it shall erase nothing.
    public var eraseSize: Int
    /// A sector that is left over.
    public var single: Int?

    public init(sectors: Range<Int>) {
        eraseSize = 0
        guard !sectors.isEmpty else { return }
        let offset = sectors.lowerBound * FlashGeometry.sectorBytes
        func asked(_ count: Int) -> Int {
            FlashGeometry.correctedEraseSize(offset: offset, size: count * FlashGeometry.sectorBytes)
        }
        let isExact =
            FlashGeometry.sectorsErasedByROM(offset: offset, asked: asked(sectors.count)) == sectors.count
        let count = isExact ? sectors.count : sectors.count - 1
        if !isExact { single = sectors.upperBound - 1 }
        if count > 0 { eraseSize = asked(count) }
    }
}
