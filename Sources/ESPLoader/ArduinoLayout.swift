/// How the ESP8266 Arduino core lays out the flash: its boot loader (eboot) at 0, filled with AA up to 0x1000, then the
/// application's version 1 image, in whose first segment stand the application's length (0x1010) and its CRC (0x1014).
///
/// Both fields are written after the image's checksum was made, so that byte is wrong by exactly these two fields.
public struct ArduinoLayout: Sendable, Equatable {
    public var bootLoader: ParsedImage
    public var application: ParsedImage
    /// The application's length in bytes as the field says; the CRC covers so many.
    public var storedLength: Int
    public var storedCRC: UInt32
    /// The CRC that the application has; nil when the flash has fewer bytes than the length says.
    public var computedCRC: UInt32?

    /// Where the application stands (bytes).
    public static let applicationOffset = 0x1000
    static let lengthOffset = 0x10
    static let crcOffset = 0x14
    static let filler: UInt8 = 0xAA

    /// Reads the layout from the flash's first bytes; nil when they are no such layout.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count > Self.applicationOffset,
            let bootLoader = try? FirmwareImage.parse(Array(bytes[..<Self.applicationOffset])),
            bytes[bootLoader.length..<Self.applicationOffset].allSatisfy({ $0 == Self.filler })
        else { return nil }
        let rest = Array(bytes[Self.applicationOffset...])
        guard let application = try? FirmwareImage.parse(rest),
            let length = rest.word(at: Self.lengthOffset), let crc = rest.word(at: Self.crcOffset)
        else { return nil }
        self.bootLoader = bootLoader
        self.application = application
        storedLength = Int(length)
        storedCRC = crc
        computedCRC = rest.count >= Int(length) ? Self.crc(of: rest[..<Int(length)]) : nil
    }

    /// Whether the application's checksum is right once the two fields are taken out of it, as they were when it was made.
    public var isChecksumRight: Bool {
        let fields = Array(littleEndian: UInt32(truncatingIfNeeded: storedLength), storedCRC)
        return fields.reduce(application.storedChecksum, ^) == application.image.checksum
    }

    public var isCRCRight: Bool { computedCRC == storedCRC }

    /// Joins a boot loader and an application as the core's build does.
    ///
    /// - Parameter application: An image whose first segment has at least the two fields; else nil.
    public static func join(bootLoader: FirmwareImage, application: FirmwareImage) -> [UInt8]? {
        var bytes = bootLoader.encoded
        guard bytes.count <= applicationOffset, application.version == 1,
            (application.segments.first?.data.count ?? 0) >= crcOffset + 4 - lengthOffset
        else { return nil }
        bytes += [UInt8](repeating: filler, count: applicationOffset - bytes.count)
        var app = application.encoded
        app.replaceSubrange(lengthOffset..<lengthOffset + 4, with: Array(littleEndian: UInt32(app.count)))
        app.replaceSubrange(crcOffset..<crcOffset + 4, with: Array(littleEndian: crc(of: app[...])))
        return bytes + app
    }

    /// The CRC of an application, both fields taken as zero.
    static func crc(of application: ArraySlice<UInt8>) -> UInt32 {
        var bytes = Array(application)
        for index in bytes.indices.dropFirst(lengthOffset).prefix(crcOffset + 4 - lengthOffset) { bytes[index] = 0 }
        return CRC32.ofArduino(bytes)
    }
}
