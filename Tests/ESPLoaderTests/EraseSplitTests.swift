import ESPLoader
import Testing

@Suite struct EraseSplitTests {
    @Test("ROM and single sector together erase the range and nothing else, wherever it is")
    func exact() {
        for start in 0..<40 {
            for count in 0..<70 {
                let split = EraseSplit(sectors: start..<start + count)
                let byROM =
                    split.eraseSize == 0
                    ? 0
                    : FlashGeometry.sectorsErasedByROM(offset: start * 0x1000, asked: split.eraseSize)
                let erased = Array(start..<start + byROM) + (split.single.map { [$0] } ?? [])
                #expect(erased == Array(start..<start + count), "\(count) sectors from \(start)")
            }
        }
    }
}
