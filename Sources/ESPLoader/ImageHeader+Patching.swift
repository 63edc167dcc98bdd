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
    /// The checksum does not cover them. The CRC of an Arduino layout and that of a version 2 image do: where they were right
    /// before, they are right afterwards.
    public static func patch(_ bytes: inout [UInt8], _ change: Change) {
        guard var header = ImageHeader(ofImage: bytes) else { return }
        let arduino = ArduinoLayout(bytes)
        let second = try? FirmwareImage.parse(bytes)
        header.mode = change.mode ?? header.mode
        header.frequency = change.frequency ?? header.frequency
        header.size = change.size ?? header.size
        bytes[2] = header.mode.rawValue
        bytes[3] = header.size.rawValue | header.frequency.rawValue
        if let arduino, arduino.isCRCRight { ArduinoLayout.renewCRC(of: &bytes, length: arduino.storedLength) }
        if let second, let crc = second.crc, crc.stored == crc.computed {
            let place = second.length - 4
            bytes.replaceSubrange(place..<place + 4, with: Array(littleEndian: CRC32.ofImage(bytes[..<place])))
        }
    }
}
