import ESPLoader
import TestSupport
import Testing

@Suite struct FirmwareImageTests {
    private let image = FirmwareImage(
        header: ImageHeader(mode: .dio, size: .megabytes4, frequency: .megahertz40, entry: 0x4010_0000),
        segments: [
            ImageSegment(address: 0x4010_0000, data: [1, 2, 3, 4]),
            ImageSegment(address: 0x3FFE_8000, data: [5, 6, 7, 8, 9, 10, 11, 12]),
        ])

    @Test("version 1, byte for byte")
    func firstVersion() throws {
        let bytes = image.encoded
        let sum: UInt8 = (1...12).reduce(0xEF, ^)
        #expect(
            bytes == [0xE9, 2, 2, 0x40, 0, 0, 0x10, 0x40] + [0, 0, 0x10, 0x40, 4, 0, 0, 0, 1, 2, 3, 4]
                + [0, 0x80, 0xFE, 0x3F, 8, 0, 0, 0, 5, 6, 7, 8, 9, 10, 11, 12] + [UInt8](repeating: 0, count: 11) + [
                    sum
                ])
        let parsed = try FirmwareImage.parse(bytes + [1, 2, 3])
        #expect(parsed.image == image)
        #expect(parsed.length == 48)
        #expect(parsed.isChecksumRight)
    }

    @Test("version 2 carries a part for the flash and a CRC")
    func secondVersion() throws {
        var second = image
        second.flashPart = ImageSegment(address: 0, data: [UInt8](repeating: 7, count: 32))
        let bytes = second.encoded
        #expect(bytes.prefix(4) == [0xEA, 4, 2, 0x40])
        let parsed = try FirmwareImage.parse(bytes)
        #expect(parsed.image == second && parsed.length == bytes.count && parsed.isChecksumRight)
        #expect(parsed.crc?.stored == parsed.crc?.computed)
        var broken = bytes
        broken[20] ^= 1
        let found = try FirmwareImage.parse(broken)
        #expect(found.crc?.stored != found.crc?.computed)
        #expect(found.isChecksumRight, "the checksum does not cover the part for the flash")
    }

    @Test("every cut of an image is malformed")
    func cuts() {
        var second = image
        second.flashPart = ImageSegment(address: 0, data: [UInt8](repeating: 7, count: 32))
        for bytes in [image.encoded, second.encoded] {
            for length in 0..<bytes.count {
                #expect(throws: MalformedImage.self) { try FirmwareImage.parse(Array(bytes[..<length])) }
            }
        }
    }

    @Test("whatever is broken, reading ends with an image or an error", arguments: 0..<200 as Range<UInt64>)
    func mutated(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var bytes = image.encoded
        for _ in 0..<3 {
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if let parsed = try? FirmwareImage.parse(bytes) {
            #expect(parsed.length <= bytes.count)
        }
        _ = ArduinoLayout(bytes)
        _ = try? ELF32(bytes)
    }

    @Test("SL-008: an Arduino build's length and CRC are read and checked")
    func arduino() throws {
        let boot = FirmwareImage(
            header: image.header, segments: [ImageSegment(address: 0x4010_F000, data: [1, 1, 1, 1])])
        let application = FirmwareImage(
            header: image.header, segments: [ImageSegment(address: 0x4020_1010, data: [UInt8](repeating: 0, count: 64))]
        )
        let flash = try #require(ArduinoLayout.join(bootLoader: boot.encoded, application: application))
        #expect(flash[0x40..<0x1000].allSatisfy { $0 == 0xAA })
        let layout = try #require(ArduinoLayout(flash))
        #expect(layout.storedLength == flash.count)
        #expect(layout.isCRCRight && layout.isChecksumRight)
        var broken = flash
        broken[flash.count - 20] ^= 0x10
        let found = try #require(ArduinoLayout(broken))
        #expect(!found.isCRCRight)
        #expect(ArduinoLayout(Array(flash[..<0x1000])) == nil)
    }

    @Test("a CRC over the header that was right is right after a change, and a wrong one stays")
    func patchedCRC() throws {
        let boot = FirmwareImage(
            header: image.header, segments: [ImageSegment(address: 0x4010_F000, data: [1, 1, 1, 1])])
        let application = FirmwareImage(
            header: image.header, segments: [ImageSegment(address: 0x4020_1010, data: [UInt8](repeating: 0, count: 64))]
        )
        let original = try #require(ArduinoLayout.join(bootLoader: boot.encoded, application: application))
        var second = image
        second.flashPart = ImageSegment(address: 0, data: [UInt8](repeating: 7, count: 32))
        let change = ImageHeader.Change(mode: .dout, size: .megabytes4)

        var bytes = original
        ImageHeader.patch(&bytes, change)
        #expect(bytes[2...3] != original[2...3])
        #expect(try #require(ArduinoLayout(bytes)).isCRCRight)
        var broken = original
        broken[0x1014] ^= 1
        bytes = broken
        ImageHeader.patch(&bytes, change)
        #expect(bytes[4...] == broken[4...])

        bytes = second.encoded
        ImageHeader.patch(&bytes, change)
        #expect(bytes[2] == FlashMode.dout.rawValue)
        let parsed = try FirmwareImage.parse(bytes)
        #expect(parsed.crc.map { $0.stored == $0.computed } == true)
    }

    @Test("errors say what is wrong")
    func errors() {
        #expect(throws: MalformedImage.badMagic(0x7F)) { try FirmwareImage.parse([0x7F]) }
        #expect(
            "\(MalformedImage.badMagic(0x7F))"
                == "the first byte is 7F, not E9 or EA: this is no ESP8266 firmware image")
        #expect(throws: MalformedImage.tooManySegments(17)) { try FirmwareImage.parse([0xE9, 17, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: MalformedImage.badMode(9)) { try FirmwareImage.parse([0xE9, 1, 9, 0, 0, 0, 0, 0]) }
    }
}
