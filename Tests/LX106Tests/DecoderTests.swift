import LX106
import Testing

@Suite struct DecoderTests {
    @Test("an instruction takes eight bytes of memory, so that blocks of them are read fast")
    func size() {
        #expect(MemoryLayout<Instruction>.stride == 8)
    }

    @Test("wide and narrow instructions are told by their first byte")
    func lengths() {
        #expect((0..<16).map { Decoder.length(first: $0) } == [3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2])
    }
}
