import ESPLoader
import Testing

@testable import VirtualBoard

/// Commands to the flash as a host gives them through the registers; the numbers are those of the datasheets.
@Suite struct SPIControllerTests {
    private struct Machine {
        var controller = SPIController()
        var flash = SPIFlash(chip: .w25q32, contents: MemoryFlashContents(bytes: FlashChip.w25q32.bytes))

        /// Writes the registers and starts; answers the words of the data buffer and the time that the flash is busy.
        mutating func run(
            _ opcode: UInt32, address: UInt32? = nil, write: (count: Int, words: [UInt32]) = (0, []), read: Int = 0
        ) -> (words: [UInt32], busy: Duration) {
            var user: UInt32 = 1 << 31
            var lengths: UInt32 = 0
            if let address {
                user |= 1 << 30
                _ = controller.write(0x04, address << 8, flash: &flash)
            }
            if read > 0 {
                user |= 1 << 28
                lengths |= UInt32(read * 8 - 1) << 8
            }
            if write.count > 0 {
                user |= 1 << 27
                lengths |= UInt32(write.count * 8 - 1) << 17
            }
            for (index, word) in write.words.enumerated() {
                _ = controller.write(0x40 + UInt32(index * 4), word, flash: &flash)
            }
            _ = controller.write(0x1C, user, flash: &flash)
            _ = controller.write(0x20, lengths, flash: &flash)
            _ = controller.write(0x24, 7 << 28 | opcode, flash: &flash)
            let busy = controller.write(0x00, 1 << 18, flash: &flash)
            return ((0..<(read + 3) / 4).map { controller.read(0x40 + UInt32($0 * 4)) }, busy)
        }
    }

    @Test("SL-010: 9F gives maker, kind and size")
    func identity() {
        var machine = Machine()
        #expect(machine.run(0x9F, read: 3).words == [0x0016_40EF])
    }

    @Test("SL-011: without 06 the flash takes nothing; with it one command")
    func writeEnable() {
        var machine = Machine()
        _ = machine.flash.program(0x1000, [1, 2, 3])
        #expect(machine.run(0x20, address: 0x1000).busy == .zero)
        #expect(machine.flash.read(0x1000, 3) == [1, 2, 3])
        _ = machine.run(0x06)
        #expect(machine.run(0x05, read: 1).words == [2])
        #expect(machine.run(0x20, address: 0x1000).busy == .milliseconds(45))
        #expect(machine.flash.read(0x1000, 3) == [0xFF, 0xFF, 0xFF])
        #expect(machine.run(0x05, read: 1).words == [0])
        _ = machine.run(0x06)
        _ = machine.run(0x04)
        #expect(machine.run(0x20, address: 0x1000).busy == .zero)
    }

    @Test("SL-011: programming clears bits, erasing a block sets all of its 64 KiB and no more")
    func programAndErase() {
        var machine = Machine()
        _ = machine.run(0x06)
        #expect(machine.run(0x02, address: 0x1FFFE, write: (4, [0x0403_0201])).busy == .nanoseconds(37_500))
        // Behind the end of its page it goes on at the page's start.
        #expect(machine.flash.read(0x1FFFE, 4) == [1, 2, 0xFF, 0xFF])
        #expect(machine.flash.read(0x1FF00, 2) == [3, 4])
        _ = machine.flash.program(0x20000, [3, 4])
        #expect(machine.run(0x03, address: 0x1FFFE, read: 4).words == [0x0403_0201])
        _ = machine.run(0x06)
        #expect(machine.run(0xD8, address: 0x12345).busy == .milliseconds(150))
        #expect(machine.flash.read(0x1FFFE, 4) == [0xFF, 0xFF, 3, 4])
    }

    @Test("SL-011: while it is busy it answers to nothing but its status")
    func busy() {
        var machine = Machine()
        machine.controller.isFlashBusy = true
        #expect(machine.run(0x05, read: 1).words == [1])
        #expect(machine.run(0x9F, read: 3).words == [0x00FF_FFFF])
        _ = machine.run(0x06)
        machine.controller.isFlashBusy = false
        #expect(machine.run(0x20, address: 0).busy == .zero)
    }

    @Test(
        "what the status protects stays as it is",
        arguments: [(0x04, 0x3F_0000), (0x18, 0x20_0000), (0x1C, 0)] as [(UInt32, UInt32)])
    func protection(status: UInt32, first: UInt32) {
        var machine = Machine()
        for address in [first, 0x3F_F000] + (first > 0 ? [first - 0x1000] : []) {
            _ = machine.flash.program(Int(address), [0x55])
        }
        func change(_ opcode: UInt32, _ address: UInt32) -> UInt8 {
            _ = machine.run(0x06)
            _ = machine.run(opcode, address: address, write: opcode == 0x02 ? (1, [0]) : (0, []))
            return machine.flash.read(Int(address), 1)[0]
        }
        _ = machine.run(0x06)
        _ = machine.run(0x01, write: (1, [status]))
        #expect([0x20, 0xD8, 0xC7, 0x02].map { change($0, first) } == [0x55, 0x55, 0x55, 0x55])
        #expect([0x20, 0xD8, 0x02].map { change($0, 0x3F_F000) } == [0x55, 0x55, 0x55])
        if first > 0 { #expect([0x02, 0x20].map { change($0, first - 0x1000) } == [0, 0xFF]) }
    }

    @Test("both status registers are written at once or one by one")
    func status() {
        var machine = Machine()
        _ = machine.run(0x06)
        _ = machine.run(0x01, write: (2, [0x0204]))
        #expect(machine.run(0x05, read: 1).words == [0x04])
        #expect(machine.run(0x35, read: 1).words == [0x02])
    }
}
