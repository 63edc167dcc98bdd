/// What stands where in the ESP8266's address space.
public enum MemoryRegion: String, Sendable, CaseIterable {
    case dataRAM = "DRAM"
    case systemDataRAM = "system DRAM"
    case registers = "registers"
    case eFuses = "eFuses"
    case rom = "ROM"
    /// All 64 KiB: the flash's cache takes the last 16 or 32 only once the flash is mapped, and until then boot loaders run
    /// there (eboot at 0x4010F000).
    case instructionRAM = "IRAM"
    case flash = "flash (IROM)"

    /// The region of an address; nil in a hole.
    public init?(of address: UInt32) {
        guard let region = Self.allCases.first(where: { $0.addresses.contains(address) }) else { return nil }
        self = region
    }

    /// Whether a program's segment can be there.
    public var isMemory: Bool {
        switch self {
        case .dataRAM, .systemDataRAM, .instructionRAM, .flash: true
        case .registers, .eFuses, .rom: false
        }
    }

    public var addresses: Range<UInt32> {
        switch self {
        case .eFuses: 0x3FF0_0050..<0x3FF0_0060
        case .registers: 0x6000_0000..<0x6000_2000
        case .dataRAM: 0x3FFE_8000..<0x3FFF_C000
        case .systemDataRAM: 0x3FFF_C000..<0x4000_0000
        case .rom: 0x4000_0000..<0x4001_0000
        case .instructionRAM: 0x4010_0000..<0x4011_0000
        case .flash: 0x4020_0000..<0x4030_0000
        }
    }
}
