/// What the loader's register commands reach.
///
/// Places and values are written here from the facts, not taken from the host's code, so that a wrong one there shows.
public struct RegisterMap: Sendable {
    public var eFuses: EFuses
    var spi = SPIController()
    /// Registers without a model of their own keep what is written.
    private var others: [UInt32: UInt32]

    /// What tells an ESP8266 from its successors.
    static let chipMagic: (address: UInt32, value: UInt32) = (0x4000_1000, 0xFFF0_C101)
    static let spiBlock = SPIController.base
    static let uartDivider: UInt32 = 0x6000_0014
    /// The UART counts in this clock, twice the crystal of 26 MHz (Hz).
    static let uartClock = 52_000_000

    /// - Parameter baud: Of the UART at the start.
    public init(eFuses: EFuses, baud: Int) {
        self.eFuses = eFuses
        others = [Self.chipMagic.address: Self.chipMagic.value]
        set(baud: baud)
    }

    /// As a reset leaves the registers.
    mutating func clear() {
        self = RegisterMap(eFuses: eFuses, baud: BootLog.baud)
    }

    mutating func set(baud: Int) {
        others[Self.uartDivider] = UInt32(Self.uartClock / max(1, baud))
    }

    func read(_ address: UInt32) -> UInt32 {
        if address >= EFuses.address, address < EFuses.address + 16 {
            return eFuses.words[Int(address - EFuses.address) / 4]
        }
        if address >= SPIController.base, address < SPIController.base + SPIController.bytes {
            return spi.read(address - SPIController.base)
        }
        return others[address] ?? 0
    }

    /// - Returns: How long the flash is busy with what the write has started.
    mutating func write(_ address: UInt32, _ value: UInt32, mask: UInt32, flash: inout SPIFlash) -> Duration {
        let merged = read(address) & ~mask | value & mask
        if address >= SPIController.base, address < SPIController.base + SPIController.bytes {
            return spi.write(address - SPIController.base, merged, flash: &flash)
        }
        let isFixed =
            (EFuses.address..<EFuses.address + 16).contains(address) || address == Self.chipMagic.address
        // Memory is bounded, whatever a host writes.
        if !isFixed, others.count < 4096 || others[address] != nil { others[address] = merged }
        return .zero
    }
}
