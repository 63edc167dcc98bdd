/// The registers behind the chip's internal two-wire bus, which only the ROM's routines reach; the PLL's are among them.
///
/// Source: how public firmware without an SDK (pvvx's esp8266web, cnlohr's nosdk8266, esp8266-hal) sets the PLL. Their authors name 8 and 0x81
/// as what the ROM sets for a crystal of 40 MHz, and 0x88 and 0x91 as 80 MHz from one of 26 MHz.
struct AnalogRegisters {
    struct Place: Hashable {
        var block: UInt8
        var host: UInt8
        var register: UInt8
    }

    private static let pllFirst = Place(block: 103, host: 4, register: 1)
    private static let pllSecond = Place(block: 103, host: 4, register: 2)
    private static let pllForThisCrystal: (UInt8, UInt8) = (0x88, 0x91)
    private static let pllForAnother: (UInt8, UInt8) = (0x08, 0x81)
    /// Memory is bounded, whatever a program writes.
    private static let mostPlaces = 4096

    private var values: [Place: UInt8] = [pllFirst: pllForAnother.0, pllSecond: pllForAnother.1]
    /// Whether the bus, and what hangs on it, has 80 MHz. Settings but the two above leave it as it is.
    private(set) var isPLLSet = false

    func read(_ place: Place) -> UInt8 { values[place] ?? 0 }

    mutating func write(_ value: UInt8, to place: Place) {
        guard values[place] != nil || values.count < Self.mostPlaces else { return }
        values[place] = value
        let pll = (read(Self.pllFirst), read(Self.pllSecond))
        if pll == Self.pllForThisCrystal { isPLLSet = true }
        if pll == Self.pllForAnother { isPLLSet = false }
    }
}
