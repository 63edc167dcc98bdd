/// Where the bytes of a flash are kept.
public protocol FlashContents: Sendable {
    /// As many bytes as the flash has.
    var bytes: [UInt8] { get }
    /// Replaces one sector, whole or not at all.
    ///
    /// - Throws: What the medium has to say.
    mutating func replace(sector: Int, with bytes: ArraySlice<UInt8>) throws
}

/// Contents that end with the process.
public struct MemoryFlashContents: FlashContents {
    public private(set) var bytes: [UInt8]

    /// A blank flash.
    public init(bytes: Int) {
        self.bytes = [UInt8](repeating: 0xFF, count: bytes)
    }

    public mutating func replace(sector: Int, with bytes: ArraySlice<UInt8>) {
        self.bytes.replaceSubrange(sector * 0x1000..<(sector + 1) * 0x1000, with: bytes)
    }
}
