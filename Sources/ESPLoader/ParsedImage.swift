/// An image as it was found, with what its bytes say of their own integrity.
public struct ParsedImage: Sendable, Equatable {
    public var image: FirmwareImage
    /// How many bytes the image takes.
    public var length: Int
    /// The checksum that stands in the image; `image.checksum` is the one that its data has.
    public var storedChecksum: UInt8
    /// In version 2 the CRC that stands in the image and the one that its bytes have.
    public var crc: (stored: UInt32, computed: UInt32)? {
        storedCRC.map { ($0, computedCRC) }
    }
    var storedCRC: UInt32?
    var computedCRC: UInt32

    public var isChecksumRight: Bool { storedChecksum == image.checksum }
}
