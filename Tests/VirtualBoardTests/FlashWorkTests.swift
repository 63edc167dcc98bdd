import ESPLoader
import TestSupport
import Testing

@testable import VirtualBoard

/// What is in the flash when what it was busy with is cut off.
@Suite struct FlashWorkTests {
    private let old = noise(0x4000, seed: 7)
    private let blank = [UInt8](repeating: 0xFF, count: 0x1000)

    private func flash(_ timing: ChipTiming = .real) -> SPIFlash {
        var flash = SPIFlash(chip: .w25q32, contents: MemoryFlashContents(bytes: FlashChip.w25q32.bytes), seed: 1)
        _ = flash.program(0, old)
        flash.finish()
        return flash
    }

    private func sector(_ number: Int) -> Range<Int> { number * 0x1000..<(number + 1) * 0x1000 }

    @Test("the medium gets each sector when it is erased, not before, and hosts see it as erased at once")
    func commits() {
        var flash = flash()
        _ = flash.erase(sectors: 0..<3)
        flash.begin(at: .zero, timing: .real)
        #expect(flash.read(0, 0x3000) == blank + blank + blank)
        #expect(flash.nextEnd == .milliseconds(45))
        flash.settle(at: .milliseconds(44))
        #expect(Array(flash.kept[..<0x4000]) == old)
        flash.settle(at: .milliseconds(91))
        #expect(Array(flash.kept[..<0x4000]) == blank + blank + old[0x2000...])
        flash.settle(at: .milliseconds(135))
        #expect(Array(flash.kept[..<0x4000]) == blank + blank + blank + old[0x3000...])
        #expect(flash.nextEnd == nil)
    }

    @Test("a brown-out in mid-erase leaves what is erased, one sector torn, and the rest as it was")
    func brownOut() {
        var flash = flash()
        _ = flash.erase(sectors: 0..<4)
        flash.begin(at: .zero, timing: .real)
        flash.cutPower(at: .milliseconds(60))
        let kept = Array(flash.kept[..<0x4000])
        #expect(kept == flash.read(0, 0x4000))
        #expect(Array(kept[sector(0)]) == blank)
        #expect(Array(kept[sector(2).lowerBound...]) == Array(old[sector(2).lowerBound...]))
        let torn = zip(kept[sector(1)], old[sector(1)])
        // Erasing only sets bits, and here it was in the midst: some are set, others are not.
        #expect(torn.allSatisfy { $0 & $1 == $1 })
        #expect(torn.contains { $0 != $1 })
        #expect(torn.contains { $0.0 != 0xFF })
    }

    @Test("a reset in mid-erase lets the flash end its command, and those behind it never come about")
    func reset() {
        var flash = flash()
        _ = flash.erase(sectors: 0..<4)
        flash.begin(at: .zero, timing: .real)
        flash.dropQueued(at: .milliseconds(60))
        #expect(flash.read(0, 0x4000) == blank + blank + old[0x2000...])
        flash.settle(at: .seconds(1))
        #expect(Array(flash.kept[..<0x4000]) == blank + blank + old[0x2000...])
    }

    @Test("a brown-out in mid-program clears some of the bits of the page in work and none behind it")
    func program() {
        var flash = flash()
        _ = flash.eraseSector(0)
        flash.finish()
        let data = [UInt8](repeating: 0, count: 0x300)
        #expect(flash.program(0, data) == .nanoseconds(2_002_500))
        flash.begin(at: .seconds(1), timing: .real)
        flash.cutPower(at: .seconds(1) + .microseconds(1000))
        let kept = Array(flash.kept[..<0x1000])
        #expect(Array(kept[..<0x100]) == Array(data[..<0x100]))
        #expect(Array(kept[0x200...]) == [UInt8](repeating: 0xFF, count: 0xE00))
        #expect(kept[0x100..<0x200].contains { $0 != 0 })
        #expect(kept[0x100..<0x200].contains { $0 != 0xFF })
    }

    @Test("without timing all is done at once")
    func fast() {
        var flash = flash(.fast)
        _ = flash.eraseAll()
        flash.begin(at: .seconds(5), timing: .fast)
        flash.cutPower(at: .seconds(5))
        #expect(flash.kept.allSatisfy { $0 == 0xFF })
    }

    @Test("a chip whose power goes while its loader erases restarts with the rest of the flash as it was")
    func chip() {
        var chip = Chip(
            flash: flash(), eFuses: EFuses(serial: (1, 2, 3)), timing: .real, execution: .standIn,
            entersLoaderOnSync: false)
        _ = chip.release(gpio0: false, at: .zero)
        _ = chip.receive(SLIP.encode(LoaderCommand.sync.request.content), baud: 115_200, at: .seconds(1))
        // Two sectors are asked for, and four erased: the loader counts those before the border twice.
        let begin = LoaderCommand.flashBegin(eraseSize: 0x2000, blocks: 0, blockSize: 0x400, offset: 0, isStub: false)
        _ = chip.receive(SLIP.encode(begin.request.content), baud: 115_200, at: .seconds(2))
        _ = chip.tick(at: .milliseconds(2010))
        _ = chip.tick(at: .milliseconds(2110))
        let actions = chip.cyclePower(at: .milliseconds(2110))
        #expect(Array(chip.flash.kept[..<0x2000]) == blank + blank)
        #expect(Array(chip.flash.kept[0x3000..<0x4000]) == Array(old[0x3000...]))
        #expect(chip.flash.kept[sector(2)] != old[sector(2)])
        #expect(actions.first == .started(hasImage: false))
    }
}
