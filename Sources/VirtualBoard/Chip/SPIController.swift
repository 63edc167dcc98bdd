import ESPLoader

/// The registers from 0x60000200 on with which code talks to the flash: one command at a time, up to 64 bytes of data.
public struct SPIController: Sendable {
    static let base: UInt32 = 0x6000_0200
    static let bytes: UInt32 = 0x100

    private enum Register {
        static let command: UInt32 = 0x00
        static let address: UInt32 = 0x04
        static let readStatus: UInt32 = 0x10
        static let clock: UInt32 = 0x18
        static let user: UInt32 = 0x1C
        static let user1: UInt32 = 0x20
        static let user2: UInt32 = 0x24
        static let firstWord: UInt32 = 0x40
    }

    /// The bit of the command register that starts what the user registers describe.
    private static let start: UInt32 = 1 << 18
    /// The bits that start one command of the flash each; the opcodes of those that need no more than an address.
    private static let readFlash: UInt32 = 1 << 31
    private static let readStatus: UInt32 = 1 << 27
    private static let writeStatus: UInt32 = 1 << 26
    private static let readID: UInt32 = 1 << 28
    private static let programPage: UInt32 = 1 << 25
    private static let single: [(bit: UInt32, opcode: UInt8)] = [
        (1 << 30, 0x06), (1 << 29, 0x04), (1 << 24, 0x20), (1 << 23, 0xD8), (1 << 22, 0xC7),
    ]
    /// The phases that the user register turns on.
    private static let addressPhase: UInt32 = 1 << 30
    private static let readPhase: UInt32 = 1 << 28
    private static let writePhase: UInt32 = 1 << 27

    private var words: [UInt32: UInt32] = [:]
    /// Set by the command 06; the flash takes no erasing or programming without it, and clears it afterwards.
    private var isWriteEnabled = false
    /// Whether the flash erases or programs: it answers to nothing but its status meanwhile.
    var isFlashBusy = false

    /// What the last command took on the bus (its clocks): its phases one behind the other, a bit each, as on one data line.
    private(set) var clocks = 0
    private static let opcodeBits = 8
    private static let addressBits = 24

    /// Bits of the first status register.
    private static let busyBit: UInt8 = 1
    private static let writeEnableBit: UInt8 = 2

    /// How many of the chip's clocks one of the flash's takes. Source: Espressif's spi_register.h; what the ROM's loader leaves
    /// is a divider of 4, by pvvx's listing of `spi_flash_attach`.
    var clockDivider: Int {
        guard let clock = words[Register.clock] else { return 4 }
        guard clock >> 31 == 0 else { return 1 }
        return Int(clock >> 18 & 0x1FFF + 1) * Int(clock >> 12 & 0x3F + 1)
    }

    /// As the ROM sets it for an image of this header.
    mutating func setClock(of frequency: FlashFrequency?) {
        let divider: UInt32 =
            switch frequency {
            case .megahertz80: 1
            case .megahertz26: 3
            case .megahertz20: 4
            case .megahertz40, nil: 2
            }
        words[Register.clock] = divider == 1 ? 1 << 31 : (divider - 1) << 12
    }

    func read(_ offset: UInt32) -> UInt32 {
        words[offset] ?? 0
    }

    /// - Returns: How long the flash is busy with the command that the write has started.
    mutating func write(_ offset: UInt32, _ value: UInt32, flash: inout SPIFlash) -> Duration {
        guard offset == Register.command else {
            words[offset] = value
            return .zero
        }
        // A command is over before the next register access can see it.
        words[Register.command] = 0
        clocks = Self.opcodeBits
        return value & Self.start != 0 ? run(flash: &flash) : runSingle(value, &flash)
    }

    /// One of the commands that the controller knows by itself; the address register holds 24 bits, and above them a count.
    private mutating func runSingle(_ command: UInt32, _ flash: inout SPIFlash) -> Duration {
        let address = Int((words[Register.address] ?? 0) & 0xFF_FFFF)
        let count = min(64, Int((words[Register.address] ?? 0) >> 24))
        var time = Duration.zero
        if command & Self.readStatus != 0 {
            words[Register.readStatus] = UInt32(firstStatus(flash)) | UInt32(flash.status >> 8) << 8
        }
        if command & (Self.readFlash | Self.programPage) != 0 { clocks += Self.addressBits + 8 * count }
        guard !isFlashBusy else { return .zero }
        if command & Self.readID != 0 { put(flash.chip.id, count: 4) }
        if command & Self.readFlash != 0 { put(flash.read(address, count), count: count) }
        for (bit, opcode) in Self.single where command & bit != 0 {
            switch opcode {
            case 0x06: isWriteEnabled = true
            case 0x04: isWriteEnabled = false
            default: time += changeIfEnabled(opcode, address, 0, &flash)
            }
        }
        if command & Self.programPage != 0 { time += changeIfEnabled(0x02, address, count, &flash) }
        if command & Self.writeStatus != 0, isWriteEnabled {
            flash.status = UInt16(truncatingIfNeeded: words[Register.readStatus] ?? 0) & ~3
            isWriteEnabled = false
        }
        return time
    }

    private mutating func changeIfEnabled(
        _ opcode: UInt8, _ address: Int, _ writeBytes: Int, _ flash: inout SPIFlash
    ) -> Duration {
        guard isWriteEnabled else { return .zero }
        isWriteEnabled = false
        return change(opcode, address, writeBytes, &flash)
    }

    private mutating func run(flash: inout SPIFlash) -> Duration {
        let user = words[Register.user] ?? 0
        let user1 = words[Register.user1] ?? 0
        let opcode = UInt8(truncatingIfNeeded: words[Register.user2] ?? 0)
        let address = Int((words[Register.address] ?? 0) >> 8)
        // Lengths are in bits, less one.
        let readBytes = user & Self.readPhase != 0 ? Int((user1 >> 8 & 0x1FF) + 1) / 8 : 0
        let writeBytes = user & Self.writePhase != 0 ? Int((user1 >> 17 & 0x1FF) + 1) / 8 : 0
        clocks += (user & Self.addressPhase != 0 ? Self.addressBits : 0) + 8 * (readBytes + writeBytes)
        var answer: [UInt8] = []
        var time = Duration.zero
        switch opcode {
        case 0x05: answer = [firstStatus(flash)]
        case 0x35: answer = [UInt8(truncatingIfNeeded: flash.status >> 8)]
        case _ where isFlashBusy: answer = [UInt8](repeating: 0xFF, count: readBytes)
        case 0x9F: answer = flash.chip.id
        case 0x03: answer = flash.read(address, min(64, readBytes))
        case 0x06: isWriteEnabled = true
        case 0x04: isWriteEnabled = false
        default: time = changeIfEnabled(opcode, address, writeBytes, &flash)
        }
        if readBytes > 0 { put(answer, count: min(64, readBytes)) }
        return time
    }

    private func firstStatus(_ flash: SPIFlash) -> UInt8 {
        UInt8(truncatingIfNeeded: flash.status) & 0xFC | (isFlashBusy ? Self.busyBit : 0)
            | (isWriteEnabled ? Self.writeEnableBit : 0)
    }

    /// The commands that need the flash to be write enabled.
    private func change(_ opcode: UInt8, _ address: Int, _ writeBytes: Int, _ flash: inout SPIFlash) -> Duration {
        let sector = address / SPIFlash.sectorBytes
        let perBlock = SPIFlash.blockBytes / SPIFlash.sectorBytes
        guard !isProtected(opcode, address % flash.chip.bytes, flash) else { return .zero }
        switch opcode {
        case 0x01: flash.status = status(written(min(2, writeBytes)), before: flash.status)
        case 0x31: flash.status = flash.status & 0xFF | UInt16(written(1).first ?? 0) << 8
        case 0x02: return flash.programPage(address, written(min(64, writeBytes)))
        case 0x20: return flash.eraseSector(sector)
        case 0xD8: return flash.erase(sectors: sector / perBlock * perBlock..<(sector / perBlock + 1) * perBlock)
        case 0xC7, 0x60: return flash.eraseAll()
        default: break
        }
        return .zero
    }

    /// Whether the bits BP0 to BP2 of the status keep the place as it is: a 64th, a 32nd, … all of the flash from its end on,
    /// with TB from its beginning; all of it is erased only where none of them is set. Source: W25Q32FV datasheet, memory
    /// protection with SEC and CMP clear.
    private func isProtected(_ opcode: UInt8, _ address: Int, _ flash: SPIFlash) -> Bool {
        let level = Int(flash.status >> 2 & 7)
        guard level > 0 else { return false }
        let bytes = flash.chip.bytes >> (7 - level)
        let kept = flash.status & 1 << 5 != 0 ? 0..<bytes : flash.chip.bytes - bytes..<flash.chip.bytes
        switch opcode {
        // No border of what is kept is within a block.
        case 0x02, 0x20, 0xD8: return kept.contains(address)
        case 0xC7, 0x60: return true
        default: return false
        }
    }

    private func status(_ bytes: [UInt8], before: UInt16) -> UInt16 {
        switch bytes.count {
        case 0: before
        case 1: before & 0xFF00 | UInt16(bytes[0])
        default: UInt16(bytes[0]) | UInt16(bytes[1]) << 8
        }
    }

    private func written(_ count: Int) -> [UInt8] {
        (0..<count).map { index in
            let word = words[Register.firstWord + UInt32(index / 4 * 4)] ?? 0
            return UInt8(truncatingIfNeeded: word >> UInt32(index % 4 * 8))
        }
    }

    private mutating func put(_ bytes: [UInt8], count: Int) {
        for start in stride(from: 0, to: count, by: 4) {
            let word = (0..<4).reduce(UInt32(0)) { word, index in
                let byte = start + index < bytes.count ? bytes[start + index] : 0
                return word | UInt32(byte) << UInt32(8 * index)
            }
            words[Register.firstWord + UInt32(start)] = word
        }
    }
}
