/// The eight bytes at the start of an image: magic, number of segments, flash parameters, entry.
public struct ImageHeader: Sendable, Equatable {
    public var mode: FlashMode
    public var size: FlashSize
    public var frequency: FlashFrequency
    /// Where execution begins.
    public var entry: UInt32

    static let bytes = 8
    static let magic: UInt8 = 0xE9
    static let secondMagic: UInt8 = 0xEA
    /// In place of the number of segments in the outer header of a version 2 image.
    static let secondMark: UInt8 = 0x04
    static let mostSegments = 16

    public init(
        mode: FlashMode = .qio, size: FlashSize = .megabytes1, frequency: FlashFrequency = .megahertz40, entry: UInt32
    ) {
        self.mode = mode
        self.size = size
        self.frequency = frequency
        self.entry = entry
    }

    /// Reads the last six of the eight bytes at `offset`.
    init(_ bytes: [UInt8], at offset: Int) throws(MalformedImage) {
        guard let entry = bytes.word(at: offset + 4) else {
            throw .truncated(offset: offset, needed: Self.bytes, available: bytes.count)
        }
        guard let mode = FlashMode(rawValue: bytes[offset + 2]) else { throw .badMode(bytes[offset + 2]) }
        let both = bytes[offset + 3]
        guard let size = FlashSize(rawValue: both & 0xF0), let frequency = FlashFrequency(rawValue: both & 0x0F) else {
            throw .badSizeAndFrequency(both)
        }
        self.init(mode: mode, size: size, frequency: frequency, entry: entry)
    }

    func encoded(magic: UInt8, count: UInt8) -> [UInt8] {
        [magic, count, mode.rawValue, size.rawValue | frequency.rawValue] + Array(littleEndian: entry)
    }
}
