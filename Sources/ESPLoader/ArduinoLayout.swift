/// How the ESP8266 Arduino core lays out the flash: its boot loader (eboot) at 0, filled with AA up to 0x1000, then the
/// application's version 1 image, in whose first segment stand the length of both together (0x1010) and their CRC
/// (0x1014), in which both fields count as zero.
///
/// Source: `EspClass::checkFlashCRC` of the core, which sums from the flash's start on. Both fields are written after the
/// image's checksum was made, so that byte is wrong by exactly these two fields.
public struct ArduinoLayout: Sendable, Equatable {
    public var bootLoader: ParsedImage
    public var application: ParsedImage
    /// The length in bytes from the flash's start as the field says; the CRC covers so many.
    public var storedLength: Int
    public var storedCRC: UInt32
    /// The CRC that the bytes have; nil when there are fewer bytes than the length says, or fewer than reach the fields.
    public var computedCRC: UInt32?

    /// Where the application stands (bytes).
    public static let applicationOffset = 0x1000
    /// Where what runs from the flash begins: behind the application's header and its first segment's.
    public static let codeAddress: UInt32 = 0x4020_1010
    static let lengthOffset = 0x1010
    static let crcOffset = 0x1014
    static let filler: UInt8 = 0xAA
    /// Where eboot is loaded to.
    static let bootAddress: UInt32 = 0x4010_F000

    /// Whether it is eboot, behind which an application is expected.
    public static func isBootLoader(_ image: FirmwareImage) -> Bool { image.segments.first?.address == bootAddress }

    /// Reads the layout from the flash's first bytes; nil when they are no such layout.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count > Self.applicationOffset,
            let bootLoader = try? FirmwareImage.parse(Array(bytes[..<Self.applicationOffset])),
            Self.isBootLoader(bootLoader.image)
                || bytes[bootLoader.length..<Self.applicationOffset].allSatisfy({ $0 == Self.filler })
        else { return nil }
        let rest = Array(bytes[Self.applicationOffset...])
        guard let application = try? FirmwareImage.parse(rest),
            let length = bytes.word(at: Self.lengthOffset), let crc = bytes.word(at: Self.crcOffset)
        else { return nil }
        self.bootLoader = bootLoader
        self.application = application
        storedLength = Int(length)
        storedCRC = crc
        let covers = (Self.crcOffset + 4...bytes.count).contains(Int(length))
        computedCRC = covers ? Self.crc(of: Array(bytes[..<Int(length)])) : nil
    }

    /// Whether the application's checksum is right once the two fields are taken out of it, as they were when it was made.
    public var isChecksumRight: Bool {
        let fields = Array(littleEndian: UInt32(truncatingIfNeeded: storedLength), storedCRC)
        return fields.reduce(application.storedChecksum, ^) == application.image.checksum
    }

    public var isCRCRight: Bool { computedCRC == storedCRC }

    /// Joins a boot loader's image and an application as the core's build does.
    ///
    /// - Returns: Nil where the boot loader is longer than its place, or the application's first segment too short for the
    ///   two fields.
    public static func join(bootLoader: [UInt8], application: FirmwareImage) -> [UInt8]? {
        guard bootLoader.count <= applicationOffset, application.version == 1,
            (application.segments.first?.data.count ?? 0) >= 8
        else { return nil }
        let gap = [UInt8](repeating: filler, count: applicationOffset - bootLoader.count)
        var bytes = bootLoader + gap + application.encoded
        bytes.replaceSubrange(lengthOffset..<lengthOffset + 4, with: Array(littleEndian: UInt32(bytes.count)))
        renewCRC(of: &bytes, length: bytes.count)
        return bytes
    }

    /// Puts the CRC over the first `length` bytes into its field.
    static func renewCRC(of bytes: inout [UInt8], length: Int) {
        let crc = crc(of: Array(bytes[..<length]))
        bytes.replaceSubrange(crcOffset..<crcOffset + 4, with: Array(littleEndian: crc))
    }

    /// Both fields taken as zero.
    private static func crc(of bytes: [UInt8]) -> UInt32 {
        var bytes = bytes
        for index in bytes.indices.dropFirst(lengthOffset).prefix(crcOffset + 4 - lengthOffset) { bytes[index] = 0 }
        return CRC32.ofArduino(bytes)
    }
}
