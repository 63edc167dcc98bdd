import ESPLoader
import TestSupport
import Testing

@testable import Flash

@Suite struct ImageReportTests {
    private let images: [[UInt8]] = {
        let first = FirmwareImage(
            header: ImageHeader(entry: 0x4010_0000),
            segments: [
                ImageSegment(address: 0x4010_0000, data: noise(24, seed: 1)),
                ImageSegment(address: 0x3FFE_8000, data: noise(16, seed: 2)),
            ])
        var second = first
        second.flashPart = ImageSegment(address: 0, data: noise(32, seed: 3))
        let application = FirmwareImage(
            header: first.header,
            segments: [ImageSegment(address: 0x4020_1010, data: [UInt8](repeating: 0, count: 8) + noise(24, seed: 4))])
        let build = ArduinoLayout.join(bootLoader: first.encoded, application: application)
        return [first.encoded, second.encoded, build ?? []]
    }()

    private func report(_ bytes: [UInt8]) throws(FlashError) -> ImageReport {
        try ImageReport(FlatFile(path: "x", start: 0, bytes: bytes))
    }

    @Test("an image as it was made is right")
    func right() throws {
        for bytes in images {
            let report = try report(bytes)
            #expect(report.isRight, "\(report)")
        }
        // An Arduino application alone, as it is sent over the air.
        #expect(try report(Array(images[2][0x1000...])).isRight)
    }

    @Test(
        "behind eboot an application that is cut off, or none, is an error that says where",
        arguments: [0x1001, 0x1018])
    func brokenApplication(length: Int) throws {
        let eboot = FirmwareImage(
            header: ImageHeader(entry: 0x4010_F000),
            segments: [ImageSegment(address: 0x4010_F000, data: noise(24, seed: 9))])
        let build = eboot.encoded + images[2][eboot.encoded.count...]
        #expect(throws: FlashError.self) { try report(Array(build[..<length])) }
        var noMagic = build
        noMagic[0x1000] = 0
        #expect(
            throws: FlashError.inputFile(
                path: "x",
                reason:
                    "it begins with the Arduino core's boot loader, but what follows at 0x1000 is no whole application: "
                    + "the first byte is 00, not E9 or EA: this is no ESP8266 firmware image")
        ) { try report(noMagic) }
        // In the filler between them, which the CRC covers.
        var filler = build
        filler[0x800] ^= 1
        #expect(try !report(filler).isRight)
    }

    @Test(
        "an Arduino build whose length reaches beyond its file, or not to its CRC, is wrong",
        arguments: [0, 0x1017, 1 << 30])
    func wrongLength(length: Int) throws {
        var bytes = images[2]
        for index in 0..<4 { bytes[0x1010 + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
        let report = try report(bytes)
        #expect(report.arduino?.crc.computed == nil && !report.isRight)
        #expect(report.text.contains { $0.hasSuffix(", but the bytes that it covers are not all there") })
    }

    @Test(
        "whatever is broken in an ELF file, from-elf ends with images or an error", arguments: 0..<20 as Range<UInt64>)
    func mutatedELF(seed: UInt64) {
        let original = WrittenELF(
            entry: 0x4010_0000,
            sections: [
                .init(name: ".irom0.text", address: 0x4020_1010, data: noise(40, seed: 5)),
                .init(name: ".text", address: 0x4010_0000, data: noise(7, seed: 6)),
                .init(name: ".data", address: 0x3FFE_8000, data: noise(21, seed: 7)),
            ]
        ).bytes
        let headers = 52 + 40 + 8 + 24 + 48
        for round in 0..<100 {
            let dice = noise(12, seed: seed << 16 | UInt64(round))
            var bytes = original
            for hit in 0..<Int(dice[0] % 3) + 1 {
                // The header of the file or the table of sections more often than the contents.
                let start = dice[1 + hit] < 60 ? 0 : dice[1 + hit] < 220 ? headers : 24
                bytes[start + Int(dice[4 + hit]) % min(256, original.count - start)] = dice[7 + hit]
            }
            if dice[10] < 20 { bytes = Array(bytes[..<(bytes.count * Int(dice[10]) / 20)]) }
            let file = InputFile(path: "x.elf", bytes: bytes)
            guard let maker = try? ImageMaker(file, ImageHeader(entry: 0)) else { continue }
            for layout in ImageMaker.Layout.allCases {
                guard
                    let made = try? maker.make(layout, bootLoader: InputFile(path: "e", bytes: images[0]), output: "o")
                else { continue }
                #expect(made.allSatisfy { !$0.data.bytes.isEmpty })
            }
        }
    }

    /// Where the numbers that lead elsewhere stand is hit more often than the rest.
    @Test("whatever is broken, info ends with a report or an error", arguments: 0..<40 as Range<UInt64>)
    func mutated(seed: UInt64) {
        for (number, original) in images.enumerated() {
            for round in 0..<50 {
                let dice = noise(16, seed: seed << 16 | UInt64(number << 8 | round))
                var bytes = original
                for hit in 0..<Int(dice[0] % 4) + 1 {
                    let reach = dice[1 + hit] < 128 ? min(64, bytes.count) : bytes.count
                    let start = number == 2 && dice[1 + hit] & 1 != 0 ? min(0x1000, bytes.count - reach) : 0
                    bytes[start + (Int(dice[5 + hit]) << 8 | Int(dice[9 + hit])) % reach] = dice[13 + hit % 3]
                }
                if dice[12] < 60 { bytes = Array(bytes[..<(bytes.count * Int(dice[12]) / 60)]) }
                guard let report = try? report(bytes) else { continue }
                #expect(report.text.count > 3)
                #expect(report.images.allSatisfy { $0.offset + $0.bytes <= bytes.count })
            }
        }
    }
}
