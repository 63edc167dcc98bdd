import ESPLoader

/// The ROM's loader: it writes blocks of 1 KiB, it reads and writes registers, and it knows no more. Everything else goes
/// through the registers of the chip's SPI controller, 64 bytes at a time.
final class ROMBackEnd: Loader {
    let link: LoaderLink
    var state = FlashState()
    let tellsDigests = false
    var onTrouble: (String) -> Void = { _ in }
    /// What the controller's registers hold, as far as it is known: a command like the last one needs only its address.
    var registers: [UInt32: UInt32] = [:]
    /// What the ROM had in the controller's ``SPICommand/phases``, as long as they hold something else.
    var ownPhases: [SPICommand.Register]?

    private static let memoryBlock = 0x1800
    /// Failures in a row without a sector of progress.
    static let mostFailures = 5
    /// How often one command to the flash is begun anew.
    private static let mostMeetings = 3
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

    func registers(_ addresses: [UInt32]) throws(FlashError) -> [UInt32] {
        var words: [UInt32] = []
        for address in addresses { words.append(try link.register(address)) }
        return words
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

    /// Waits until the flash is done with what it was told.
    private func waitForFlash(within limit: Duration) throws(FlashError) {
        let deadline = ContinuousClock.now + limit
        while true {
            guard try status().contains(SPICommand.busyBit) else { return }
            guard ContinuousClock.now < deadline else {
                throw .unanswered(port: link.port.name, what: "finish erasing its flash")
            }
        }
    }

    /// Tells the flash to change, and waits until it has; again where the chip does not answer any more.
    ///
    /// - Parameter end: Up to where the flash changes (bytes from its start).
    /// - Returns: The flash's status before.
    @discardableResult
    private func change(
        _ command: SPICommand, upTo end: Int, within limit: Duration
    ) throws(FlashError) -> FlashStatus {
        try persistently { () throws(FlashError) -> FlashStatus in
            registers = [:]
            _ = try flash(.writeEnable)
            let status = try status()
            guard status.contains(SPICommand.writeEnabledBit) else {
                throw .unanswered(port: link.port.name, what: "let its flash be changed")
            }
            // It would ignore the command, and be ready at once.
            guard command != .eraseChip || !status.isProtecting else {
                throw .protected(port: link.port.name, status: status.bits & ~3)
            }
            state.begin(upTo: end)
            _ = try flash(command)
            try waitForFlash(within: limit)
            return status
        }
    }

    /// Runs `body`, and once more after each time that the chip had to be met again; nothing in it may do harm twice.
    func persistently<Value>(_ body: () throws(FlashError) -> Value) throws(FlashError) -> Value {
        for _ in 1..<Self.mostMeetings {
            do throws(FlashError) {
                return try body()
            } catch .unanswered {
                try meetAgain()
            }
        }
        return try body()
    }

    /// After a failure: the loader may be out of step, or the chip may have restarted.
    ///
    /// - Returns: Whether the board had to be restarted.
    @discardableResult
    func meetAgain() throws(FlashError) -> Bool {
        var isRestarted = false
        do throws(FlashError) {
            _ = try link.connect(resets: [], attempts: 2)
        } catch .noAnswer where !resets.isEmpty {
            _ = try link.connect(resets: resets, attempts: Self.mostFailures)
            isRestarted = true
        }
        try attachFlash()
        return isRestarted
    }

    func eraseAll(size: Int) throws(FlashError) {
        try change(.eraseChip, upTo: .max, within: Self.eraseAllLimit)
        state.reach(.max)
    }

    func erase(sectors: Range<Int>, progress: (Int) -> Void) throws(FlashError) {
        let start = sectors.lowerBound * FlashGeometry.sectorBytes
        try eraseUnits(of: sectors) {
            state.reach(start + $0)
            progress($0)
        }
    }

    /// Erases blocks of 64 KiB where they are whole, and sectors.
    func eraseUnits(of sectors: Range<Int>, progress: (Int) -> Void) throws(FlashError) {
        let perBlock = FlashGeometry.blockBytes / FlashGeometry.sectorBytes
        var sector = sectors.lowerBound
        while sector < sectors.upperBound {
            let isBlock = sector.isMultiple(of: perBlock) && sector + perBlock <= sectors.upperBound
            let address = UInt32(sector * FlashGeometry.sectorBytes)
            sector += isBlock ? perBlock : 1
            let status = try change(
                isBlock ? .eraseBlock(address) : .eraseSector(address), upTo: sector * FlashGeometry.sectorBytes,
                within: Self.eraseLimit)
            if status.isProtecting { try checkBlank(address, status) }
            progress((sector - sectors.lowerBound) * FlashGeometry.sectorBytes)
        }
    }

    /// A flash ignores commands for what it protects: the first bytes tell.
    private func checkBlank(_ address: UInt32, _ status: FlashStatus) throws(FlashError) {
        let start = try persistently { () throws(FlashError) in
            try answer(.read(address, SPICommand.mostBytes), to: Hex.text(address))
        }
        guard start.allSatisfy({ $0 == 0xFF }) else {
            throw .protected(port: link.port.name, status: status.bits & ~3)
        }
    }

    /// The flash's first status register, once it was read twice the same.
    private func status() throws(FlashError) -> FlashStatus {
        try link.twice("its flash's status") { () throws(FlashError) in
            FlashStatus(bits: try flash(.readStatus).first ?? 0)
        }
    }

    func writeStatus(_ status: UInt16) throws(FlashError) {
        let bytes = [UInt8(truncatingIfNeeded: status), UInt8(truncatingIfNeeded: status >> 8)]
        try change(.writeStatus(bytes), upTo: 0, within: Self.eraseLimit)
        state.reach(.max)
        let found = try readStatus()
        // Two bits of the first register are the flash's own.
        let own = UInt16(SPICommand.busyBit | SPICommand.writeEnabledBit)
        guard found | own == status | own else {
            throw .statusNotKept(port: link.port.name, wanted: status, found: found)
        }
    }

    func load(_ segments: [ImageSegment], entry: UInt32) throws(FlashError) {
        try giveControllerBack()
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
        do throws(FlashError) {
            try link.ask(.memoryEnd(entry: entry), to: "run from \(Hex.text(entry))", tries: 1)
        } catch .unanswered {
            // The program may have the line before the answer was out.
        }
    }

    func runFlash() throws(FlashError) {
        try giveControllerBack()
        try link.ask(.flashBegin(eraseSize: 0, blocks: 0, blockSize: 0x400, offset: 0), to: "leave its loader")
        do throws(FlashError) {
            try link.ask(.flashEnd(reboot: true), to: "leave its loader", tries: 1)
        } catch .unanswered {
            // It may have restarted before its answer was out.
        }
    }
}
