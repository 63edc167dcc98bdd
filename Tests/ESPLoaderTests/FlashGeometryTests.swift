import ESPLoader
import Testing

@Suite struct FlashGeometryTests {
    @Test("what the ROM erases for the corrected size covers the data and at most one sector more")
    func corrected() {
        for start in 0..<40 {
            for sectors in 1..<70 {
                let asked = FlashGeometry.correctedEraseSize(offset: start * 0x1000, size: sectors * 0x1000)
                let erased = FlashGeometry.sectorsErasedByROM(offset: start * 0x1000, asked: asked)
                #expect((sectors...sectors + 1).contains(erased), "\(sectors) sectors from \(start)")
            }
        }
    }

    @Test("SL-006: without the correction the ROM erases up to twice as much")
    func uncorrected() {
        #expect(FlashGeometry.sectorsErasedByROM(offset: 0, asked: 0x1000) == 2)
        #expect(FlashGeometry.sectorsErasedByROM(offset: 0, asked: 0x20000) == 48)
        #expect(FlashGeometry.correctedEraseSize(offset: 0, size: 0x20000) == 0x10000)
        #expect(FlashGeometry.correctedEraseSize(offset: 0, size: 1) == 0x1000)
    }
}
