import ESPLoader

/// The ROM's loader: it writes blocks of 1 KiB, it reads and writes registers, and it knows no more. Everything else goes
/// through the registers of the chip's SPI controller, 64 bytes at a time.
final class ROMBackEnd: Loader {
    let link: LoaderLink
    /// What the controller's registers hold, as far as it is known: a command like the last one needs only its address.
    private var registers: [UInt32: UInt32] = [:]

    private static let memoryBlock = 0x1800
    /// Failures in a row without a sector of progress.
    private static let mostFailures = 5
    /// For the longest operation of a flash, erasing all of it.
    private static let eraseAllLimit = Duration.seconds(200)
    private static let eraseLimit = Duration.seconds(10)

    /// How the board is restarted into its loader when it has left it in mid-work.
    private let resets: [ResetSequence]

    /// - Throws: ``FlashError`` when the chip does not take over its flash.
    init(link: LoaderLink, resets: [ResetSequence]) throws(FlashError) {
        self.link = link
        self.resets = resets
        try attachFlash()
    }

    /// An empty FLASH_BEGIN makes the ROM set up the pins and the controller.
    private func attachFlash() throws(FlashError) {
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

    // MARK: Writing

    func write(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) {
        let start = data.offset.bytes
        let end = start + data.bytes.count
        var place = data.offset
        var reached = start
        var failures = 0
        do throws(FlashError) {
            while true {
                let done = place.bytes - start
                let goesOn = try writeOnce(Array(data.bytes[done...]), at: place, isFirst: done == 0 && failures == 0) {
                    reached = start + done + $0
                    progress(done + $0)
                }
                guard let goesOn else { return }
                failures = goesOn == place ? failures + 1 : 0
                place = goesOn
                guard failures < Self.mostFailures else {
                    throw FlashError.unanswered(port: link.port.name, what: "take the data")
                }
                try meetAgain()
            }
        } catch {
            let whole = reached / FlashGeometry.sectorBytes * FlashGeometry.sectorBytes
            throw Self.partly(error, port: link.port.name, from: max(start, whole), end: end)
        }
    }

    /// After a failure: the loader may be out of step, or the chip may have restarted.
    private func meetAgain() throws(FlashError) {
        do throws(FlashError) {
            _ = try link.connect(resets: [], attempts: 2)
        } catch .noAnswer where !resets.isEmpty {
            _ = try link.connect(resets: resets, attempts: Self.mostFailures)
        }
        try attachFlash()
    }

    /// Writes as far as it goes.
    ///
    /// - Parameter isFirst: Whether nothing of the range is erased yet; else all behind the first sector is.
    /// - Returns: Where to go on; nil when all is written.
    private func writeOnce(
        _ bytes: [UInt8], at place: FlashOffset, isFirst: Bool, progress: (Int) -> Void
    ) throws(FlashError) -> FlashOffset? {
        let first = place.bytes / FlashGeometry.sectorBytes
        let count = (bytes.count + FlashGeometry.sectorBytes - 1) / FlashGeometry.sectorBytes
        let split = EraseSplit(sectors: first..<first + (isFirst ? count : 1))
        if let single = split.single { try erase(sectors: single..<single + 1) { _ in } }
        var sequence = WriteSequence(
            offset: place, data: bytes, eraseSize: split.eraseSize, blockLimit: blockLimit)
        let outcome = try link.run(&sequence, onProgress: progress)
        registers = [:]
        switch outcome {
        case .written: return nil
        case .failed(.eraseRefused(let refusal)):
            throw .refused(port: link.port.name, what: "erase \(Hex.text(UInt32(place.bytes)))", refusal)
        case .failed(.blockRefused(let offset, .flashWrite)):
            throw .refused(port: link.port.name, what: "write \(Hex.text(UInt32(offset)))", .flashWrite)
        case .failed: return sequence.resumeOffset
        }
    }

    /// A block's way over the wire, twice, and a second for the flash.
    private var blockLimit: Duration {
        .seconds(1) + .microseconds(2 * 1100 * 10 * 1_000_000 / max(1, link.baud))
    }

    private static func partly(_ error: FlashError, port: String, from: Int, end: Int) -> FlashError {
        if case .interrupted = error { return .interrupted(port: port, state: FlashError.state(from, end)) }
        var why = "\(error)"
        if why.hasPrefix("\(port): ") { why.removeFirst(port.count + 2) }
        return .partlyWritten(port: port, from: from, end: end, why: why)
    }

    // MARK: Reading

    func read(_ offset: Int, count: Int, progress: (Int) -> Void) throws(FlashError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            bytes += try readTwice(offset + bytes.count, min(SPICommand.mostBytes, count - bytes.count))
            progress(bytes.count)
        }
        return bytes
    }

    /// The wire carries no checksum for registers, so a piece counts only when it is read twice the same.
    private func readTwice(_ offset: Int, _ count: Int) throws(FlashError) -> [UInt8] {
        var last: [UInt8]?
        for _ in 0..<LoaderLink.tries {
            registers = [:]
            let found = try flash(.read(UInt32(offset), count))
            if found == last { return found }
            last = found
        }
        throw .unanswered(port: link.port.name, what: "read \(Hex.text(UInt32(offset))) twice the same")
    }

    func firstDifference(_ data: FlashData, progress: (Int) -> Void) throws(FlashError) -> Int? {
        var done = 0
        while done < data.bytes.count {
            let count = min(SPICommand.mostBytes, data.bytes.count - done)
            let expected = Array(data.bytes[done..<done + count])
            if let difference = try difference(expected, at: data.offset.bytes + done) { return difference }
            done += count
            progress(done)
        }
        return nil
    }

    /// The wire carries no checksum for registers, so a difference counts only when it is read twice the same.
    private func difference(_ expected: [UInt8], at offset: Int) throws(FlashError) -> Int? {
        var last: [UInt8]?
        for _ in 0..<LoaderLink.tries {
            let found = try flash(.read(UInt32(offset), expected.count))
            if found == expected { return nil }
            if found == last { break }
            last = found
            registers = [:]
        }
        return offset + (zip(last ?? [], expected).enumerated().first { $1.0 != $1.1 }?.offset ?? 0)
    }

    // MARK: Running

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
