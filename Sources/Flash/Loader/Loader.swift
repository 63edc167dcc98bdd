import ESPLoader

/// What can be done with a chip that is in a loader: the ROM's own, or later a stub that was loaded into memory.
///
/// Sizes and offsets are bytes. Progress counts bytes that are done. Errors are ``FlashError``.
protocol Loader: AnyObject {
    var link: LoaderLink { get }

    func readRegister(_ address: UInt32) throws(FlashError) -> UInt32
    func writeRegister(_ address: UInt32, _ value: UInt32, mask: UInt32) throws(FlashError)
    /// The flash answers to a command of its own.
    func flash(_ command: SPICommand) throws(FlashError) -> [UInt8]
    /// Erases the sectors under `data` and writes it.
    func write(_ data: FlashData, progress: (Int) -> Void) throws(FlashError)
    /// The flash's contents from `offset` on.
    func read(_ offset: Int, count: Int, progress: (Int) -> Void) throws(FlashError) -> [UInt8]
    /// Where the flash begins to differ from `data`; nil where it is the same.
    func firstDifference(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) -> Int?
    func erase(sectors: Range<Int>, progress: (Int) -> Void) throws(FlashError)
    func eraseAll() throws(FlashError)
    /// Writes the flash's two status registers, the second one's bits first.
    func writeStatus(_ status: UInt16) throws(FlashError)
    /// Puts segments into memory and jumps to `entry`.
    func load(_ segments: [ImageSegment], entry: UInt32) throws(FlashError)
    /// Leaves the loader for what is in the flash, without the board's lines.
    func runFlash() throws(FlashError)
}
