import ESPLoader
import TestSupport
import Testing

@Suite struct InputFormatTests {
    private func piece(_ offset: Int, _ bytes: [UInt8]) -> FlashData? {
        FlashOffset(bytes: offset).map { FlashData(offset: $0, bytes: bytes) }
    }

    private func hex(_ text: String) throws -> [FlashData] { try IntelHEX.parse(text) }

    @Test("Intel HEX: data, extended addresses, joined neighbours")
    func intelHEX() throws {
        let text = """
            :020000040000FA
            :04100000010203 04E2
            """
        #expect(throws: MalformedHEX.badRecord(line: 2)) { try hex(text) }
        #expect(
            try hex(
                ":0410000001020304E2\r\n:021004000506DF\n:020000040001F9\n:01000000AA55\n:00000001FF\n")
                == [
                    piece(0x1000, [1, 2, 3, 4, 5, 6]),
                    piece(0x10000, [0xAA]),
                ])
    }

    @Test("Intel HEX: what is wrong is said with its line")
    func wrongHEX() {
        #expect(throws: MalformedHEX.badChecksum(line: 1)) { try hex(":0410000001020304E3\n:00000001FF") }
        #expect(throws: MalformedHEX.noColon(line: 1)) { try hex("hello") }
        #expect(throws: MalformedHEX.nothing) { try hex(":00000001FF\n") }
        #expect(throws: MalformedHEX.noEnd) { try hex(":0410000001020304E2\n") }
        #expect(throws: MalformedHEX.afterEnd(line: 2)) { try hex(":00000001FF\n:0410000001020304E2\n") }
        #expect(throws: MalformedHEX.outsideFlash(address: 0x4020_0000)) {
            try hex(":020000044020 9A\n:01000000AA55\n:00000001FF".replacing(" ", with: ""))
        }
        #expect("\(MalformedHEX.badChecksum(line: 3))" == "line 3: the record's checksum is wrong")
    }

    @Test("Intel HEX: neighbours share lines, a base stands where a bank of 64 KiB begins")
    func writtenHEX() throws {
        let low = try [piece(3, [UInt8](repeating: 3, count: 5)), piece(8, [UInt8](repeating: 6, count: 13))]
            .map { try #require($0) }
        #expect(
            IntelHEX.encode(low)
                == ":100003000303030303\(String(repeating: "06", count: 11))9C\n:020013000606DF\n:00000001FF\n")
        let high = try [piece(0x1FFFE, [9, 9, 9])].map { try #require($0) }
        #expect(
            IntelHEX.encode(high)
                == ":020000040001F9\n:02FFFE000909EF\n:020000040002F8\n:0100000009F6\n:00000001FF\n")
        #expect(try hex(IntelHEX.encode(high)) == high)
        #expect(IntelHEX.encode([]) == ":00000001FF\n")
    }

    @Test("UF2: a block carries the MD5 of its data behind it")
    func writtenUF2() throws {
        let file = UF2.encode([try #require(piece(0x2000, [3, 3, 3, 3, 3]))])
        let header: [UInt8] = [
            0x55, 0x46, 0x32, 0x0A, 0x57, 0x51, 0x5D, 0x9E, 0, 0x60, 0, 0, 0, 0x20, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0,
            0,
            0, 0xED, 0x61, 0xAB, 0x7E,
        ]
        let digest: [UInt8] = [
            0x6D, 0xEF, 0xFE, 0x0A, 0x46, 0x82, 0x8C, 0x77, 0xC8, 0xFD, 0xAF, 0xED, 0x90, 0x04, 0xDB, 0xE2,
        ]
        #expect(
            file == header + [3, 3, 3, 3, 3] + [0, 0x20, 0, 0, 5, 0, 0, 0] + digest + [UInt8](repeating: 0, count: 447)
                + [0x30, 0x6F, 0xB1, 0x0A])
    }

    @Test("UF2: what is written is read, and another chip's file is refused")
    func uf2() throws {
        let pieces = try [
            piece(0, (0..<512).map { UInt8(truncatingIfNeeded: $0) }),
            piece(0x10000, [UInt8](repeating: 3, count: 256)),
        ].map { try #require($0) }
        let file = UF2.encode(pieces)
        #expect(file.count == 3 * 512)
        #expect(try UF2.parse(file) == pieces)
        var other = file
        other[28] ^= 1
        #expect(throws: MalformedUF2.otherFamily(block: 0, family: 0x7EAB_61EC)) { try UF2.parse(other) }
        #expect(throws: MalformedUF2.wrongLength(511)) { try UF2.parse(Array(file[..<511])) }
        #expect(throws: MalformedUF2.badMagic(block: 0)) { try UF2.parse([UInt8](repeating: 0, count: 512)) }
        #expect(throws: MalformedUF2.missingBlock(1, expected: 2)) { try UF2.parse(Array(file[..<512])) }
        #expect(throws: MalformedUF2.missingBlock(1, expected: 2)) {
            try UF2.parse(Array(file[..<512] + file[1024...] + file[512..<1024]))
        }
        #expect(try UF2.parse(file + UF2.encode([pieces[1]])).count == 3)
        var long = file
        long[16...17] = [0xFF, 0xFF]
        #expect(throws: MalformedUF2.badSize(block: 0, bytes: 0xFFFF)) { try UF2.parse(long) }
    }

    @Test("what is written is read; whatever is broken in it, reading ends", arguments: 0..<40 as Range<UInt64>)
    func brokenFiles(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var pieces: [FlashData] = []
        var place = Int.random(in: 0..<0x20000, using: &random)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let data = (0..<Int.random(in: 1...1200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            pieces.append(try #require(piece(place, data)))
            place += data.count + Int.random(in: 1...0x20000, using: &random)
        }
        let text = Array(IntelHEX.encode(pieces).utf8)
        let blocks = UF2.encode(pieces)
        #expect(try hex(String(decoding: text, as: UTF8.self)) == pieces)
        #expect(try UF2.parse(blocks) == pieces)
        for _ in 0..<20 {
            var brokenText = text
            var brokenBlocks = blocks
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                brokenText[Int.random(in: text.indices, using: &random)] = UInt8.random(in: 0...127, using: &random)
                // The head of a block says where its data goes and how much it is.
                let block = Int.random(in: 0..<blocks.count / 512, using: &random) * 512
                brokenBlocks[block + Int.random(in: 0..<32, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { brokenText.removeLast(Int.random(in: 0..<text.count, using: &random)) }
            for found in [
                try? hex(String(decoding: brokenText, as: UTF8.self)), try? UF2.parse(brokenBlocks),
            ] {
                for piece in found ?? [] {
                    #expect(piece.offset.bytes + piece.bytes.count <= FlashOffset.limit)
                }
            }
        }
    }

    @Test("ELF: what is no ESP8266 program is refused with the reason")
    func elf() {
        #expect(throws: MalformedELF.notELF) { try ELF32([1, 2, 3]) }
        #expect(throws: MalformedELF.truncated("the header")) { try ELF32([0x7F, 0x45, 0x4C, 0x46, 1, 1]) }
        var header = [UInt8](repeating: 0, count: 52)
        header[0..<6] = [0x7F, 0x45, 0x4C, 0x46, 2, 1]
        #expect(throws: MalformedELF.not32BitLittleEndian) { try ELF32(header) }
        header[4] = 1
        header[18] = 40
        #expect(throws: MalformedELF.otherMachine(40)) { try ELF32(header) }
    }
}
