import ESPLoader
import Testing

@Suite struct BootTextTests {
    @Test("SL-012: cause and straps are read out of what the ROM prints, noise around it or not")
    func read() throws {
        let text = Array("\u{0} ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\nload 0x40100000".utf8)
        #expect(try #require(BootText(in: [0xFF, 0xC0] + text)).straps == 3)
        #expect(try #require(BootText(in: text)).resetCause == 2)
        let both = text + Array("rst cause:2, boot mode:(1,7)".utf8)
        #expect(try #require(BootText(in: both)).isLoader)
    }

    @Test("what is cut or something else is none")
    func none() {
        for text in ["", "rst cause:2, boot mode:(3", "rst cause:, boot mode:(3,6)", "rst cause:222, boot mode:(3,6)"] {
            #expect(BootText(in: Array(text.utf8)) == nil, "\(text)")
        }
    }
}
