import ESPLoader
import TestSupport
import Testing

@testable import Flash

@Suite struct WritePlanTests {
    private func data(_ offset: Int, _ bytes: [UInt8]) throws -> FlashData {
        FlashData(offset: try #require(FlashOffset(bytes: offset)), bytes: bytes)
    }

    /// The smallest image: one segment of four bytes in IRAM.
    private let image = FirmwareImage(
        header: ImageHeader(mode: .qio, size: .megabytes1, frequency: .megahertz40, entry: 0x4010_0000),
        segments: [ImageSegment(address: 0x4010_0000, data: [1, 2, 3, 4])]
    ).encoded

    @Test("pieces of one file that share sectors are joined, and the gap between them is blank")
    func joined() throws {
        let plan = try WritePlan([
            ("a.hex", [try data(0x2000, [1, 2]), try data(0x2004, [3]), try data(0x3001, [4]), try data(0x9000, [5])])
        ])
        let gap = [UInt8](repeating: 0xFF, count: 0x1001 - 5)
        #expect(
            plan.pieces == [
                WritePlan.Piece(name: "a.hex", data: try data(0x2000, [1, 2, 0xFF, 0xFF, 3] + gap + [4])),
                WritePlan.Piece(name: "a.hex", data: try data(0x9000, [5])),
            ])
        #expect(plan.notes == [])
    }

    @Test("a piece that begins inside a sector begins at it, and that is said")
    func inside() throws {
        let plan = try WritePlan([("a.uf2", [try data(0x1003, [7])])])
        #expect(plan.pieces.map(\.data) == [try data(0x1000, [0xFF, 0xFF, 0xFF, 7])])
        #expect(plan.notes == ["a.uf2 begins inside a sector: what was in the sector before it is lost"])
    }

    @Test("two files in one sector, and two pieces in one place, are refused")
    func overlap() throws {
        #expect(throws: FlashError.overlap("a", "b")) {
            try WritePlan([("a", [try data(0x1000, [1])]), ("b", [try data(0x1800, [1])])])
        }
        #expect(throws: FlashError.samePlace("a", "b")) {
            try WritePlan([("a", [try data(0x1000, [1, 2])]), ("b", [try data(0x1001, [1])])])
        }
        // The same file twice, in whatever order.
        #expect(
            try WritePlan([("a", [try data(0x3000, [1])]), ("a", [try data(0x1000, [2])])]).pieces.map(\.data)
                == [try data(0x1000, [2]), try data(0x3000, [1])])
        #expect(throws: FlashError.overlap("a", "a")) {
            try WritePlan([("a", [try data(0x1800, [1])]), ("a", [try data(0x1000, [2])])])
        }
        #expect(throws: FlashError.samePlace("a", "a")) {
            try WritePlan([("a", [try data(0x1000, [1, 2]), try data(0x1001, [1])])])
        }
    }

    @Test("a file of many small pieces is joined without copying what is joined already", .timeLimit(.minutes(5)))
    func manyPieces() throws {
        let pieces = try (0..<500_000).map { try data($0 * 8, [1]) }
        let plan = try WritePlan([("gaps.hex", pieces)])
        #expect(plan.pieces.map(\.data.bytes.count) == [499_999 * 8 + 1])
    }

    @Test("the header of an image at 0 is changed as it is wanted, and the size as the flash says")
    func header() throws {
        let plan = try WritePlan([("app.bin", [try data(0, image)])])
        let detected = try plan.fitted(
            flashSize: 4 << 20, header: .init(mode: .dio, frequency: .megahertz80), isForced: false)
        #expect(Array(detected.pieces[0].data.bytes[..<4]) == [0xE9, 1, 2, 0x4F])
        #expect(detected.pieces[0].data.bytes[4...] == image[4...])
        #expect(
            detected.notes == [
                "flash mode in the header: qio -> dio", "flash frequency in the header: 40m -> 80m",
                "flash size in the header: 1MB -> 4MB, as the flash says",
            ])
        let kept = try plan.fitted(flashSize: 4 << 20, header: .init(size: .keep), isForced: false)
        #expect(kept.pieces[0].data.bytes == image)
        #expect(kept.notes == [])
        let chosen = try plan.fitted(flashSize: 4 << 20, header: .init(size: .value(.megabytes2)), isForced: false)
        #expect(chosen.pieces[0].data.bytes[3] == 0x30)
        #expect(chosen.notes == ["flash size in the header: 1MB -> 2MB"])
        let elsewhere = try WritePlan([("app.bin", [try data(0x1000, image)])])
            .fitted(flashSize: 4 << 20, header: .init(mode: .dout), isForced: false)
        #expect(elsewhere.pieces[0].data.bytes == image)
    }

    @Test("what does not fit or is for another chip is refused unless it is forced")
    func refused() throws {
        let plan = try WritePlan([("app.bin", [try data(0xFF000, image)])])
        #expect(throws: FlashError.doesNotFit(what: "app.bin", end: 0xFF020, flash: 512 << 10)) {
            try plan.fitted(flashSize: 512 << 10, header: .init(), isForced: false)
        }
        // Not even by force: it would be written to the flash's start.
        #expect(throws: FlashError.doesNotFit(what: "app.bin", end: 0xFF020, flash: 512 << 10)) {
            try plan.fitted(flashSize: 512 << 10, header: .init(), isForced: true)
        }
        var foreign = image
        // The segment's address: nothing is there on this chip.
        foreign.replaceSubrange(8..<12, with: [0, 0, 0xF4, 0x3F])
        let other = try WritePlan([("esp32.bin", [try data(0, foreign)])])
        #expect(
            throws: FlashError.wrongImage(
                what: "esp32.bin", reason: "a segment goes to 0x3ff40000, where this chip has no memory")
        ) { try other.fitted(flashSize: 4 << 20, header: .init(), isForced: false) }
    }

    @Test("an image of a later chip is refused wherever it goes, and written by force")
    func laterChip() throws {
        let header: [UInt8] = [0xE9, 2, 2, 0x20, 0, 4, 8, 0x40, 0xEE, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        let plan = try WritePlan([("boot.bin", [try data(0x1000, header + noise(300, seed: 1))])])
        #expect(
            throws: FlashError.wrongImage(
                what: "boot.bin", reason: "its header is that of an ESP32 or a later chip")
        ) { try plan.fitted(flashSize: 4 << 20, header: .init(), isForced: false) }
        #expect(try plan.fitted(flashSize: 4 << 20, header: .init(), isForced: true) == plan)
    }

    @Test("a boot loader at the end of IRAM, as every Arduino build has, is for this chip")
    func bootLoader() throws {
        var boot = image
        boot.replaceSubrange(8..<12, with: [0, 0xF0, 0x10, 0x40])
        let plan = try WritePlan([("sketch.bin", [try data(0, boot)])])
        #expect(try plan.fitted(flashSize: 1 << 20, header: .init(size: .keep), isForced: false).pieces == plan.pieces)
    }

    @Test("numbers as people who flash write them")
    func numbers() {
        #expect(
            [
                "0x1000", "4096", "4k", "4m", "4KB", "4mb", "0X1f", "", "0x", "-1", "k", "12kk", "99999999999999999m",
                "0x-1",
            ].map(
                Hex.number)
                == [
                    4096, 4096, 4096, 4 << 20, 4096, 4 << 20, 31, nil, nil, nil, nil, nil, nil, nil,
                ])
    }
}
