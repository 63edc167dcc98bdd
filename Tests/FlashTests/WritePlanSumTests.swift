import ESPLoader
import TestSupport
import Testing

@testable import Flash

/// Images whose sums are wrong or whose header promises too much are not written as if nothing were.
@Suite struct WritePlanSumTests {
    private let segment = ImageSegment(address: 0x4010_0000, data: [1, 2, 3, 4])

    private func plan(_ bytes: [UInt8], at offset: Int = 0) throws -> WritePlan {
        try WritePlan([("app.bin", [FlashData(offset: try #require(FlashOffset(bytes: offset)), bytes: bytes)])])
    }

    private func notes(_ bytes: [UInt8], at offset: Int = 0, size: WritePlan.SizeChoice = .keep) throws -> [String] {
        try plan(bytes, at: offset).fitted(flashSize: 4 << 20, header: .init(size: size), isForced: false).notes
    }

    @Test("an image at 0 whose checksum is wrong is refused, unless it is forced")
    func checksum() throws {
        var broken = FirmwareImage(header: ImageHeader(entry: 0x4010_0000), segments: [segment]).encoded
        broken[16] ^= 0x20
        let plan = try plan(broken)
        #expect(
            throws: FlashError.wrongImage(
                what: "app.bin",
                reason: "its checksum is 0xeb, but that of its data is 0xcb, so the board would not start from it")
        ) {
            try plan.fitted(flashSize: 4 << 20, header: .init(), isForced: false)
        }
        #expect(try plan.fitted(flashSize: 4 << 20, header: .init(), isForced: true).pieces.count == 1)
    }

    @Test("the CRC of an image of version 2 is looked at wherever it goes; other data that begins with EA is data")
    func secondVersion() throws {
        let image = FirmwareImage(
            header: ImageHeader(entry: 0x4010_0000), segments: [segment],
            flashPart: ImageSegment(address: 0, data: noise(32, seed: 1))
        ).encoded
        #expect(try notes(image, at: 0x1000) == [])
        #expect(
            try notes(image) == [
                "app.bin is an image of version 2 at 0x0: the board will not start from it, because the ROM starts those of "
                    + "version 1; it goes behind a second boot loader"
            ])
        var broken = image
        broken[20] ^= 1
        let crcs = try #require(FirmwareImage.parse(broken).crc)
        for offset in [0, 0x1000] {
            #expect(
                throws: FlashError.wrongImage(
                    what: "app.bin",
                    reason:
                        "its CRC is \(Hex.text(crcs.stored, 8)), but that of its bytes is \(Hex.text(crcs.computed, 8))"
                )
            ) { try notes(broken, at: offset) }
        }
        #expect(try notes([0xEA] + noise(100, seed: 2), at: 0x1000) == [])
    }

    @Test("a damaged Arduino build is told of, and one whose application is not whole is refused")
    func arduino() throws {
        let boot = FirmwareImage(
            header: ImageHeader(entry: 0x4010_F000), segments: [ImageSegment(address: 0x4010_F000, data: [1, 2, 3, 4])])
        let application = FirmwareImage(
            header: ImageHeader(entry: 0x4010_0000),
            segments: [ImageSegment(address: 0x4020_1010, data: [UInt8](repeating: 0, count: 64)), segment])
        let build = try #require(ArduinoLayout.join(bootLoader: boot.encoded, application: application))
        #expect(try notes(build) == [])
        var damaged = build
        damaged[0x500] ^= 1
        let crcs = try #require(ArduinoLayout(damaged))
        let computed = try #require(crcs.computedCRC)
        #expect(
            try notes(damaged) == [
                "app.bin: the Arduino build's CRC is \(Hex.text(crcs.storedCRC, 8)), but that of its bytes is "
                    + "\(Hex.text(computed, 8)): it is damaged, or was changed after it was made (iot image info says more)"
            ])
        let error = #expect(throws: FlashError.self) { try notes(Array(build.dropLast(20))) }
        let words =
            "app.bin is no image for an ESP8266: what follows the Arduino core's boot loader at 0x1000 is no whole"
        #expect(error.map { "\($0)".hasPrefix(words) } == true, "\(String(describing: error))")
    }

    @Test("a header must not name more flash than there is; one that does already is told of")
    func largerThanFlash() throws {
        let image = FirmwareImage(
            header: ImageHeader(size: .megabytes16, entry: 0x4010_0000), segments: [segment]
        ).encoded
        #expect(throws: FlashError.largerThanFlash(what: "app.bin", header: "16MB", flash: 4 << 20)) {
            try notes(image, size: .value(.megabytes16))
        }
        let kept = "app.bin: its header says 16MB, but the flash has 4 MB"
        #expect(try notes(image) == [kept])
        #expect(try notes(image, size: .detect) == ["flash size in the header: 16MB -> 4MB, as the flash says"])
        let forced = try plan(image).fitted(
            flashSize: 4 << 20, header: .init(size: .value(.megabytes16)), isForced: true)
        #expect(forced.notes == [kept])
        #expect(
            "\(FlashError.largerThanFlash(what: "app.bin", header: "16MB", flash: 4 << 20))"
                == "app.bin: its header is to say 16MB, but the flash has 4 MB; name no larger flash-size, or pass --force"
        )
    }
}
