import ESPLoader
import Testing

@Suite struct IdentityTests {
    @Test("SL-009: the MAC address by all three ways to tell its vendor")
    func mac() throws {
        let implicit = try #require(ChipIdentity(eFuses: [0x5600_0000, 0x0200_1234, 0x0000_B000, 0]))
        #expect(implicit.macText == "18:fe:34:12:34:56")
        #expect(implicit.model == .esp8266EX)
        let other = try #require(ChipIdentity(eFuses: [0x0A00_0000, 0x0201_0B0C, 0, 0]))
        #expect(other.macText == "ac:d0:74:0b:0c:0a")
        let explicit = try #require(ChipIdentity(eFuses: [0xFF00_0000, 0x0200_0102, 0, 0x005C_CF7F]))
        #expect(explicit.macText == "5c:cf:7f:01:02:ff")
        #expect(ChipIdentity(eFuses: [0, 0x0002_0000, 0, 0]) == nil)
        #expect(ChipIdentity(eFuses: [0]) == nil)
    }

    @Test("an ESP8285 by either of its bits")
    func esp8285() throws {
        #expect(try #require(ChipIdentity(eFuses: [0x10, 0, 0, 0])).model == .esp8285)
        #expect(try #require(ChipIdentity(eFuses: [0, 0, 0x1_0000, 0])).model == .esp8285)
    }

    @Test("the crystal out of the speed and the UART's divider")
    func crystal() {
        #expect(Crystal(baud: 115_200, divider: 451) == .megahertz26)
        #expect(Crystal(baud: 115_200, divider: 694) == .megahertz40)
    }

    @Test("a flash's size is its capacity as a power of two; an empty line is no flash")
    func flash() throws {
        let winbond = try #require(FlashIdentity([0xEF, 0x40, 0x16]))
        #expect(winbond.size == 4 << 20)
        #expect(winbond.maker == "Winbond")
        #expect(winbond.text == "ef 40 16")
        #expect(FlashIdentity(manufacturer: 0xFF, kind: 0xFF, capacity: 0xFF).isPresent == false)
        #expect(FlashIdentity(manufacturer: 0xFF, kind: 0xFF, capacity: 0xFF).size == nil)
        #expect(FlashIdentity(manufacturer: 0, kind: 0, capacity: 0).isPresent == false)
        #expect(FlashIdentity(manufacturer: 0x77, kind: 0x40, capacity: 0x40).size == nil)
        #expect(FlashIdentity([1]) == nil)
    }

    @Test("a command to the flash as registers, and its answer out of them")
    func spiCommand() {
        let id = SPICommand.readIdentity
        #expect(
            id.setup == [
                .init(0x6000_021C, 0x9000_0000), .init(0x6000_0220, 23 << 8), .init(0x6000_0224, 0x7000_009F),
            ])
        #expect(id.inputRegisters == [0x6000_0240])
        #expect(id.input([0x0016_40EF]) == [0xEF, 0x40, 0x16])
        let read = SPICommand.read(0x12_3456, 64)
        #expect(
            read.setup == [
                .init(0x6000_021C, 0xD000_0000), .init(0x6000_0220, 23 << 26 | 511 << 8),
                .init(0x6000_0224, 0x7000_0003), .init(0x6000_0204, 0x1234_5600),
            ])
        #expect(read.inputRegisters.count == 16)
        #expect(read.inputRegisters.last == 0x6000_027C)
        #expect(
            SPICommand.writeStatus([1, 2]).setup == [
                .init(0x6000_021C, 0x8800_0000), .init(0x6000_0220, 15 << 17), .init(0x6000_0224, 0x7000_0001),
                .init(0x6000_0240, 0x0201),
            ])
    }
}
