import ESPLoader

/// The ROM's loader: it writes blocks of 1 KiB, it reads and writes registers, and it knows no more. Everything else goes
/// through the registers of the chip's SPI controller, 64 bytes at a time.
final class ROMBackEnd: Loader {
    let link: LoaderLink
    /// What the controller's registers hold, as far as it is known: a command like the last one needs only its address.
    var registers: [UInt32: UInt32] = [:]

    private static let memoryBlock = 0x1800
    /// Failures in a row without a sector of progress.
    static let mostFailures = 5
    /// For the longest operation of a flash, erasing all of it.
    private static let eraseAllLimit = Duration.seconds(200)
    private static let eraseLimit = Duration.seconds(10)

    /// How the board is restarted into its loader when it has left it in mid-work.
    let resets: [ResetSequence]

    /// - Throws: ``FlashError`` when the chip does not take over its flash.
    init(link: LoaderLink, resets: [ResetSequence]) throws(FlashError) {
        self.link = link
        self.resets = resets
        try attachFlash()
    }

    /// An empty FLASH_BEGIN makes the ROM set up the pins and the controller.
    func attachFlash() throws(FlashError) {
        try link.ask(.flashBegin(eraseSize: 0, blocks: 0, blockSize: 0x400, offset: 0), to: "attach its flash")
        registers = [:]
    }

    func readRegister(_ address: UInt32) throws(FlashError) -> UInt32 {
        try link.ask(.readRegister(address: address), to: "read the register \(Hex.text(address))").value
    }

    func writeRegister(_ address: UInt32, _ value: UInt32, mask: UInt32) throws(FlashError) {
        registers[address] = nil
        try link.ask(
            .writeRegister(address: address, value: value, mask: mask), to: "write the register \(Hex.text(address))")
    }

    // MARK: Commands of the flash

    func flash(_ command: SPICommand) throws(FlashError) -> [UInt8] {
        for register in command.setup where registers[register.address] != register.value {
            try set(register, isChecked: command.changesFlash)
        }
        try writeRegister(SPICommand.start.address, SPICommand.start.value, mask: .max)
        var words: [UInt32] = []
        for address in command.inputRegisters {
            registers[address] = nil
            words.append(try readRegister(address))
        }
        return command.input(words)
    }

    /// The wire carries no checksum for registers: where a wrong one would erase the wrong place, it is read back.
    private func set(_ register: SPICommand.Register, isChecked: Bool) throws(FlashError) {
        for _ in 0..<LoaderLink.tries {
            try writeRegister(register.address, register.value, mask: .max)
            let kept = isChecked ? try readRegister(register.address) : register.value
            if kept == register.value {
                registers[register.address] = register.value
                return
            }
        }
        throw .unanswered(port: link.port.name, what: "keep the register \(Hex.text(register.address))")
    }

    /// Waits until the flash is done with what it was told.
    private func waitForFlash(within limit: Duration) throws(FlashError) {
        let deadline = ContinuousClock.now + limit
        while true {
            guard try flash(.readStatus).contains(where: { $0 & SPICommand.busyBit != 0 }) else { return }
            guard ContinuousClock.now < deadline else {
                throw .unanswered(port: link.port.name, what: "finish erasing its flash")
            }
        }
    }

    private func change(_ command: SPICommand, within limit: Duration) throws(FlashError) {
        registers = [:]
        _ = try flash(.writeEnable)
        _ = try flash(command)
        try waitForFlash(within: limit)
    }

    func eraseAll() throws(FlashError) {
        try change(.eraseChip, within: Self.eraseAllLimit)
    }

    func erase(sectors: Range<Int>, progress: (Int) -> Void) throws(FlashError) {
        let perBlock = FlashGeometry.blockBytes / FlashGeometry.sectorBytes
        var sector = sectors.lowerBound
        while sector < sectors.upperBound {
            let isBlock = sector.isMultiple(of: perBlock) && sector + perBlock <= sectors.upperBound
            let address = UInt32(sector * FlashGeometry.sectorBytes)
            try change(isBlock ? .eraseBlock(address) : .eraseSector(address), within: Self.eraseLimit)
            sector += isBlock ? perBlock : 1
            progress((sector - sectors.lowerBound) * FlashGeometry.sectorBytes)
        }
    }

    func writeStatus(_ status: UInt16) throws(FlashError) {
        let bytes = [UInt8(truncatingIfNeeded: status), UInt8(truncatingIfNeeded: status >> 8)]
        try change(.writeStatus(bytes), within: Self.eraseLimit)
    }

    func load(_ segments: [ImageSegment], entry: UInt32) throws(FlashError) {
        for segment in segments {
            let blocks = stride(from: 0, to: segment.data.count, by: Self.memoryBlock).map {
                Array(segment.data[$0..<min(segment.data.count, $0 + Self.memoryBlock)])
            }
            try link.ask(
                .memoryBegin(
                    size: UInt32(segment.data.count), blocks: UInt32(blocks.count),
                    blockSize: UInt32(Self.memoryBlock), address: segment.address),
                to: "take \(segment.data.count) bytes at \(Hex.text(segment.address))")
            for (index, block) in blocks.enumerated() {
                try link.ask(
                    .memoryData(sequence: UInt32(index), data: block),
                    to: "take block \(index) at \(Hex.text(segment.address))", within: blockLimit * 6, tries: 1)
            }
        }
        try link.ask(.memoryEnd(entry: entry), to: "run from \(Hex.text(entry))", tries: 1)
    }

    func runFlash() throws(FlashError) {
        try link.ask(.flashBegin(eraseSize: 0, blocks: 0, blockSize: 0x400, offset: 0), to: "leave its loader")
        do throws(FlashError) {
            try link.ask(.flashEnd(reboot: true), to: "leave its loader", tries: 1)
        } catch .unanswered {
            // It may have restarted before its answer was out.
        }
    }
}
