extension ImageHeader {
    /// What a user wants of the flash parameters in an image's header.
    public struct Change: Sendable, Equatable {
        public var mode: FlashMode?
        public var frequency: FlashFrequency?
        public var size: FlashSize?

        public init(mode: FlashMode? = nil, frequency: FlashFrequency? = nil, size: FlashSize? = nil) {
            self.mode = mode
            self.frequency = frequency
            self.size = size
        }
    }

    /// The header at the start of `bytes`; nil where they are no image.
    public init?(ofImage bytes: [UInt8]) {
        guard let magic = bytes.first, magic == Self.magic || magic == Self.secondMagic,
            let header = try? ImageHeader(bytes, at: 0)
        else { return nil }
        self = header
    }

    /// Changes the flash parameters of the image at the start of `bytes`, in place; bytes that are no image stay.
    ///
    /// Neither the checksum nor the Arduino layout's CRC covers them. A version 2 image's CRC does; it is not looked at by
    /// the ROM, and other tools leave it as well.
    public static func patch(_ bytes: inout [UInt8], _ change: Change) {
        guard var header = ImageHeader(ofImage: bytes) else { return }
        header.mode = change.mode ?? header.mode
        header.frequency = change.frequency ?? header.frequency
        header.size = change.size ?? header.size
        bytes[2] = header.mode.rawValue
        bytes[3] = header.size.rawValue | header.frequency.rawValue
    }
}
