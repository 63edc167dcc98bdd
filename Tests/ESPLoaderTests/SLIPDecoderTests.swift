import ESPLoader
import Testing

@Suite struct SLIPDecoderTests {
    @Test("a frame that is encoded and decoded is the same, wherever the stream is cut")
    func everyCut() {
        let content: [UInt8] = [0x00, 0xC0, 0xDB, 0xDC, 0xDD, 0xDB, 0xC0, 0xFF]
        let wire = SLIP.encode(content)
        #expect(wire == [0xC0, 0, 0xDB, 0xDC, 0xDB, 0xDD, 0xDC, 0xDD, 0xDB, 0xDD, 0xDB, 0xDC, 0xFF, 0xC0])
        for cut in 0...wire.count {
            var decoder = SLIPDecoder()
            let events = decoder.decode(wire[..<cut]) + decoder.decode(wire[cut...])
            #expect(events == [.frame(content)])
        }
    }
}
