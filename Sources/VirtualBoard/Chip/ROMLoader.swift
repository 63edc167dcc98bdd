import ESPLoader

/// The loader in the chip's ROM.
///
/// Source: Espressif's serial protocol, and what ROMs were seen to do: eight answers to a SYNC, two status bytes, blocks
/// as long as announced, an erase that counts the sectors before the first block border twice.
struct ROMLoader: Sendable {
    /// What a write to the flash has announced.
    private struct FlashWrite {
        var offset: Int
        var blocks: Int
        var blockSize: Int
        var next: Int
    }

    /// What a write to memory has announced.
    private struct MemoryWrite {
        var address: UInt32
        var blockSize: UInt32
    }

    private var flashWrite: FlashWrite?
    private var memoryWrite: MemoryWrite?
    /// How many answers each SYNC gets, from a stub too.
    static let answersToSync = 8
    /// What a register holds that nobody wrote; the ROM's answers carry it as their value.
    private static let syncValue: UInt32 = 0x2012_0707
    private static let longestBlock = 0x4000

    mutating func answer(_ request: LoaderRequest, _ machine: Machine) -> LoaderAnswer {
        guard let opcode = Opcode(rawValue: request.opcode), opcode.isKnownToROM else {
            return .refused(request.opcode, .badFormat)
        }
        let words = request.payload.words
        switch opcode {
        case .sync:
            guard request.payload == LoaderCommand.sync.request.payload else { return refuse(request) }
            return LoaderAnswer(
                frames: Array(
                    repeating: LoaderResponse(opcode: request.opcode, value: Self.syncValue, body: [0, 0]).content,
                    count: Self.answersToSync))
        case .readRegister:
            guard words.count == 1, words[0].isMultiple(of: 4) else { return refuse(request) }
            return .done(request.opcode, value: machine.registers.read(words[0]))
        case .writeRegister:
            guard words.count == 4, words[0].isMultiple(of: 4) else { return refuse(request) }
            var answer = LoaderAnswer.done(request.opcode, busy: .microseconds(Int(words[3])))
            answer.flashBusy = machine.registers.write(words[0], words[1], mask: words[2], flash: &machine.flash)
            return answer
        case .flashBegin: return beginFlash(request, words, &machine.flash)
        case .flashData: return writeFlash(request, words, &machine.flash)
        case .flashEnd:
            guard words.count == 1 else { return refuse(request) }
            flashWrite = nil
            var answer = LoaderAnswer.done(request.opcode)
            answer.next = words[0] == 0 ? .restart : .runFlash
            return answer
        case .memoryBegin:
            guard words.count == 4 else { return refuse(request) }
            memoryWrite = MemoryWrite(address: words[3], blockSize: words[2])
            return .done(request.opcode)
        case .memoryData:
            return writeMemory(request, words, machine.memory)
        case .memoryEnd:
            guard words.count == 2 else { return refuse(request) }
            memoryWrite = nil
            var answer = LoaderAnswer.done(request.opcode)
            if words[0] == 0 { answer.next = .execute(entry: words[1]) }
            return answer
        default:
            return refuse(request)
        }
    }

    private func refuse(_ request: LoaderRequest) -> LoaderAnswer {
        .refused(request.opcode, .badFormat)
    }

    private mutating func beginFlash(_ request: LoaderRequest, _ words: [UInt32], _ flash: inout SPIFlash)
        -> LoaderAnswer
    {
        guard words.count == 4, words[2] <= Self.longestBlock, words[3] < flash.chip.bytes else {
            return refuse(request)
        }
        let offset = Int(words[3])
        flashWrite = FlashWrite(offset: offset, blocks: Int(words[1]), blockSize: Int(words[2]), next: 0)
        guard words[0] > 0 else { return .done(request.opcode) }
        let first = offset / SPIFlash.sectorBytes
        let asked = (Int(words[0]) + SPIFlash.sectorBytes - 1) / SPIFlash.sectorBytes
        return .done(request.opcode, busy: Self.erase(asked, from: first, &flash))
    }

    /// The ROM's way to erase: sector by sector up to a border of 64 KiB, then blocks, then sectors again. It takes what it
    /// erases before the border off the count twice too few: those sectors are counted once more behind it.
    private static func erase(_ asked: Int, from first: Int, _ flash: inout SPIFlash) -> Duration {
        let perBlock = SPIFlash.blockBytes / SPIFlash.sectorBytes
        let toBorder = perBlock - first % perBlock
        let head = min(asked, toBorder)
        let total = asked + head
        return flash.erase(sectors: first..<first + total)
    }

    private mutating func writeFlash(_ request: LoaderRequest, _ words: [UInt32], _ flash: inout SPIFlash)
        -> LoaderAnswer
    {
        if let refusal = checkBlock(request, words) { return refusal }
        guard var write = flashWrite, write.next < write.blocks, Int(words[0]) == write.blockSize,
            Int(words[1]) == write.next || Int(words[1]) + 1 == write.next
        else { return refuse(request) }
        // A block that is sent again, because its answer was lost, goes where it went before.
        write.next = Int(words[1])
        let place = write.offset + write.next * write.blockSize
        let data = Array(request.payload.dropFirst(16))
        let busy = flash.program(place, data)
        guard flash.read(place, data.count) == data else { return .refused(request.opcode, .flashWrite) }
        write.next += 1
        flashWrite = write
        return .done(request.opcode, busy: busy)
    }

    /// Each block goes where its number says, whatever came before.
    private func writeMemory(_ request: LoaderRequest, _ words: [UInt32], _ memory: MachineMemory) -> LoaderAnswer {
        guard let write = memoryWrite else { return refuse(request) }
        if let refusal = checkBlock(request, words) { return refusal }
        memory.write(
            Array(request.payload.dropFirst(16)), at: write.address &+ words[1] &* write.blockSize)
        return .done(request.opcode)
    }

    /// Nil when the block is as its header says.
    private func checkBlock(_ request: LoaderRequest, _ words: [UInt32]) -> LoaderAnswer? {
        guard words.count >= 4, request.payload.count - 16 == Int(words[0]) else { return refuse(request) }
        let sum = LoaderRequest.checksum(of: request.payload.dropFirst(16))
        return UInt32(sum) == request.checksum ? nil : .refused(request.opcode, .badChecksum)
    }
}

extension Array where Element == UInt8 {
    /// As 32-bit words, lowest byte first; what is left over at the end is left out.
    var words: [UInt32] {
        stride(from: 0, to: count - count % 4, by: 4).map { start in
            (0..<4).reduce(0) { $0 | UInt32(self[start + $1]) << (8 * UInt32($1)) }
        }
    }
}
