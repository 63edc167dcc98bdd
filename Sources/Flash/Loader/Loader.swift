import ESPLoader

/// What can be done with a chip that is in a loader: the ROM's own, or our stub that was loaded into memory.
///
/// Sizes and offsets are bytes. Progress counts bytes that are done. Errors are ``FlashError``.
protocol Loader: AnyObject {
    var link: LoaderLink { get }
    /// What is to be changed in the flash, said by the command, and how far it is, kept by the loader.
    var state: FlashState { get set }
    /// Whether it tells digests, so that nothing needs to come back over the wire to be verified.
    var tellsDigests: Bool { get }
    /// Told what went wrong and was mended.
    var onTrouble: (String) -> Void { get set }

    /// Words of the chip's address space.
    func registers(_ addresses: [UInt32]) throws(FlashError) -> [UInt32]
    func writeRegister(_ address: UInt32, _ value: UInt32, mask: UInt32) throws(FlashError)
    /// What the flash answers to a command of its own that changes nothing, once it was the same twice.
    func answer(_ command: SPICommand, to what: String) throws(FlashError) -> [UInt8]
    /// Makes the flash hold `data`, and its sectors nothing else.
    ///
    /// - Parameter isFull: Whether sectors are erased and written that are right already; where that cannot be told, they are.
    /// - Returns: How many sectors were left as they are.
    func write(_ data: FlashData, isFull: Bool, progress: (Int) -> Void) throws(FlashError) -> Int
    /// The flash's contents from `offset` on.
    func read(_ offset: Int, count: Int, progress: (Int) -> Void) throws(FlashError) -> [UInt8]
    /// Where the flash begins to differ from `data`; nil where it is the same.
    func firstDifference(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) -> Int?
    /// The same right after ``write(_:isFull:progress:)``, which may have looked at most of it already.
    func firstDifferenceWritten(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) -> Int?
    func erase(sectors: Range<Int>, progress: (Int) -> Void) throws(FlashError)
    /// - Parameter size: The flash's.
    func eraseAll(size: Int) throws(FlashError)
    /// Writes the flash's two status registers, the second one's bits first, and reads them back.
    ///
    /// - Throws: ``FlashError/statusNotKept(port:wanted:found:)``.
    func writeStatus(_ status: UInt16) throws(FlashError)
    /// Puts segments into memory and jumps to `entry`.
    func load(_ segments: [ImageSegment], entry: UInt32) throws(FlashError)
    /// Leaves the chip's SPI controller as it was found, for whoever uses it next.
    func giveControllerBack() throws(FlashError)
    /// Leaves the loader for what is in the flash, without the board's lines.
    func runFlash() throws(FlashError)
}

extension Loader {
    func firstDifferenceWritten(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) -> Int? {
        try firstDifference(data, progress: progress)
    }

    /// The flash's two status registers, the second one's bits first.
    func readStatus() throws(FlashError) -> UInt16 {
        let low = try answer(.readStatus, to: "its flash's status").first ?? 0
        let high = try answer(.readSecondStatus, to: "its flash's second status").first ?? 0
        return UInt16(high) << 8 | UInt16(low)
    }
}
