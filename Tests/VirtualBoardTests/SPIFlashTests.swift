import ESPLoader
import Testing

@testable import VirtualBoard

@Suite struct SPIFlashTests {
    private func flash() -> SPIFlash {
        SPIFlash(chip: .w25q32, contents: MemoryFlashContents(bytes: FlashChip.w25q32.bytes))
    }

    @Test("programming only clears bits, erasing sets all of a sector")
    func bits() {
        var flash = flash()
        #expect(flash.program(0x1FFE, [0x0F, 0xF0, 0xAA, 0x55]) == .microseconds(65))
        _ = flash.program(0x1FFE, [0xFF, 0x3F])
        #expect(flash.read(0x1FFD, 6) == [0xFF, 0x0F, 0x30, 0xAA, 0x55, 0xFF])
        #expect(flash.eraseSector(1) == .milliseconds(45))
        #expect(flash.read(0x1FFD, 6) == [0xFF, 0xFF, 0xFF, 0xAA, 0x55, 0xFF])
    }

    @Test("whole blocks are erased at once, the rest sector by sector")
    func blocks() {
        var flash = flash()
        #expect(flash.erase(sectors: 14..<34) == .milliseconds(4 * 45 + 150))
        #expect(flash.eraseAll() == .seconds(10))
    }

    @Test("a bad sector takes nothing; reading, programming and erasing go on at the start behind the end")
    func edges() {
        var flash = flash()
        flash.badSectors = [2]
        _ = flash.program(0x2000, [0])
        #expect(flash.read(0x2000, 1) == [0xFF])
        _ = flash.program(0, [1])
        #expect(flash.read(FlashChip.w25q32.bytes - 1, 2) == [0xFF, 1])
        let end = FlashChip.w25q32.bytes
        _ = flash.program(end - 1, [2, 0xF1, 3])
        #expect(flash.read(end - 1, 3) == [2, 1, 3])
        #expect(flash.read(0, 2) == [1, 3])
        #expect(flash.read(3 * end, 2) == [1, 3])
        // 1024 sectors: the last, then the first and the second.
        _ = flash.program(0x1000, [4])
        #expect(flash.erase(sectors: 1023..<1026) == .milliseconds(3 * 45))
        #expect(flash.read(end - 1, 3) == [0xFF, 0xFF, 0xFF])
        #expect(flash.read(0x1000, 1) == [0xFF])
        _ = flash.program(0x3000, [5])
        #expect(flash.eraseSector(1024 + 3) == .milliseconds(45))
        #expect(flash.read(0x3000, 1) == [0xFF])
    }

    @Test("a page goes on at its own start behind its end, also at the flash's end")
    func pages() {
        var flash = flash()
        let end = FlashChip.w25q32.bytes
        #expect(flash.programPage(end - 2, [1, 2, 3]) == .microseconds(35))
        #expect(flash.read(end - 2, 3) == [1, 2, 0xFF])
        #expect(flash.read(end - 256, 1) == [3])
    }
}
