/// Sizes that all SPI NOR flashes of ESP8266 boards share, and what the ROM makes of them.
public enum FlashGeometry {
    /// The smallest piece that can be erased.
    public static let sectorBytes = 0x1000
    /// What one programming operation of the flash takes at most.
    public static let pageBytes = 0x100
    /// The block that one faster erase covers.
    public static let blockBytes = 0x10000
    static let sectorsPerBlock = blockBytes / sectorBytes

    /// The erase size to ask the ROM for, so that it erases the sectors of `size` bytes from `offset` and
    /// at most one more.
    ///
    /// The ROM counts the sectors up to the first block border twice. Source: Espressif's serial protocol.
    public static func correctedEraseSize(offset: Int, size: Int) -> Int {
        let sectors = (size + sectorBytes - 1) / sectorBytes
        let head = min(sectors, sectorsPerBlock - (offset / sectorBytes) % sectorsPerBlock)
        let asked = sectors < 2 * head ? (sectors + 1) / 2 : sectors - head
        return asked * sectorBytes
    }

    /// How many sectors the ROM erases when it is asked for `asked` bytes from `offset`: the error that
    /// `correctedEraseSize` undoes.
    public static func sectorsErasedByROM(offset: Int, asked: Int) -> Int {
        let sectors = (asked + sectorBytes - 1) / sectorBytes
        let head = sectorsPerBlock - (offset / sectorBytes) % sectorsPerBlock
        return sectors <= head ? 2 * sectors : sectors + head
    }
}
