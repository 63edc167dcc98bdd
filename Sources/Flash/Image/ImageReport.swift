import ESPLoader

/// What there is to say of a file with firmware images.
struct ImageReport: Equatable, Encodable {
    /// A sum over an image's bytes: what stands in the image, and what its bytes have.
    struct Sum: Equatable, Encodable {
        var stored: UInt32
        /// Nil where the bytes that it covers are not all there.
        var computed: UInt32?
        var isRight: Bool { stored == computed }

        private enum CodingKeys: String, CodingKey {
            case stored, computed, isRight = "right"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(stored, forKey: .stored)
            try container.encode(computed, forKey: .computed)
            try container.encode(isRight, forKey: .isRight)
        }
    }

    struct Segment: Equatable, Encodable {
        var address: UInt32
        var bytes: Int
        /// Where its data stands in the file.
        var offset: Int
        /// Nil where the chip has no memory.
        var region: String?
    }

    struct Image: Equatable, Encodable {
        enum Role: String, Encodable {
            case bootLoader = "eboot"
            case application = "Arduino application"
        }

        /// In an Arduino build.
        var role: Role?
        /// Where it begins in the file.
        var offset: Int
        var bytes: Int
        var version: Int
        var flashMode: String
        var flashFrequency: String
        var flashSize: String
        var entry: UInt32
        var entryRegion: String?
        var segments: [Segment]
        var checksum: Sum
        /// Of version 2.
        var crc: Sum?
    }

    struct Arduino: Equatable, Encodable {
        /// How many bytes from the file's start on the CRC covers.
        var length: Int
        var crc: Sum
    }

    var file: String
    /// Of the file; of what it unpacks to, where it is Intel HEX or UF2.
    var bytes: Int
    /// Where what it holds begins in the flash, for Intel HEX and UF2.
    var start: Int?
    /// `an Intel HEX file`, where it is not raw.
    var format: String?
    /// Of the file, where it is not raw.
    var fileBytes: Int?
    var images: [Image]
    /// The fields of an Arduino build with its boot loader.
    var arduino: Arduino?

    /// Whether every checksum and CRC is right.
    var isRight: Bool {
        images.allSatisfy { $0.checksum.isRight && $0.crc?.isRight != false } && arduino?.crc.isRight != false
    }

    /// - Throws: ``FlashError/inputFile(path:reason:)`` where the file does not begin with an image.
    init(_ file: FlatFile) throws(FlashError) {
        self.file = file.path
        bytes = file.bytes.count
        if let packing = file.packing {
            (start, format, fileBytes) = (file.start, packing.format.name, packing.bytes)
        }
        if let layout = ArduinoLayout(file.bytes) {
            images = [
                Image(layout.bootLoader, at: 0, role: .bootLoader),
                Image(layout.application, at: ArduinoLayout.applicationOffset, role: .application),
            ]
            arduino = Arduino(
                length: layout.storedLength, crc: Sum(stored: layout.storedCRC, computed: layout.computedCRC))
            return
        }
        let found: ParsedImage
        do {
            found = try FirmwareImage.parse(file.bytes)
        } catch {
            throw .inputFile(path: file.path, reason: "\(error)")
        }
        if ArduinoLayout.isBootLoader(found.image), file.bytes.count > ArduinoLayout.applicationOffset {
            try Self.checkApplication(file)
        }
        let isApplication = found.image.segments.first?.address == ArduinoLayout.codeAddress
        images = [Image(found, at: 0, role: isApplication ? .application : nil)]
    }

    /// Says what is wrong with the application behind a boot loader that expects one.
    private static func checkApplication(_ file: FlatFile) throws(FlashError) {
        do {
            _ = try FirmwareImage.parse(Array(file.bytes[ArduinoLayout.applicationOffset...]))
        } catch {
            throw .inputFile(
                path: file.path,
                reason:
                    "it begins with the Arduino core's boot loader, but what follows at 0x1000 is no whole application: \(error)"
            )
        }
    }
}

extension ImageReport.Image {
    fileprivate init(_ found: ParsedImage, at offset: Int, role: Role?) {
        let image = found.image
        self.role = role
        self.offset = offset
        bytes = found.length
        version = image.version
        (flashMode, flashFrequency, flashSize) = (
            image.header.mode.name, image.header.frequency.name, image.header.size.name
        )
        entry = image.header.entry
        entryRegion = MemoryRegion(of: image.header.entry)?.rawValue
        // Header, and before every segment its address and length.
        var place = offset + 8
        segments = []
        if let part = image.flashPart {
            segments.append(
                ImageReport.Segment(
                    address: part.address, bytes: part.data.count, offset: place + 8,
                    region: MemoryRegion.flash.rawValue))
            place += 8 + part.data.count + 8
        }
        for segment in image.segments {
            segments.append(
                ImageReport.Segment(
                    address: segment.address, bytes: segment.data.count, offset: place + 8,
                    region: MemoryRegion(of: segment.address)?.rawValue))
            place += 8 + segment.data.count
        }
        // An application's length and CRC, its first eight bytes, were zero when its checksum was made.
        let fields = role == .application ? image.segments.first?.data.prefix(8) ?? [] : []
        checksum = ImageReport.Sum(
            stored: UInt32(found.storedChecksum), computed: UInt32(fields.reduce(image.checksum, ^)))
        crc = found.crc.map { ImageReport.Sum(stored: $0.stored, computed: $0.computed) }
    }
}
