/// The pins GPIO0 to GPIO16.
///
/// Every pin is a GPIO here, whatever its multiplexer says. Source: `gpio_register.h`; for GPIO16, which belongs to the RTC,
/// `eagle_soc.h`.
struct GPIO {
    static let pins = 0...16

    private enum Register {
        static let out: UInt32 = 0x00
        static let outSet: UInt32 = 0x04
        static let outClear: UInt32 = 0x08
        static let enable: UInt32 = 0x0C
        static let enableSet: UInt32 = 0x10
        static let enableClear: UInt32 = 0x14
        static let input: UInt32 = 0x18
        static let status: UInt32 = 0x1C
        static let statusSet: UInt32 = 0x20
        static let statusClear: UInt32 = 0x24
        static let firstPin: UInt32 = 0x28
        static let lastPin: UInt32 = 0x64
        static let out16: UInt32 = 0x68
        static let enable16: UInt32 = 0x74
        static let input16: UInt32 = 0x8C
    }

    /// Bits of a pin's register.
    private static let openDrain: UInt32 = 1 << 2
    private static let interruptKind: UInt32 = 7

    private enum Kind {
        static let rising: UInt32 = 1
        static let falling: UInt32 = 2
        static let both: UInt32 = 3
        static let low: UInt32 = 4
        static let high: UInt32 = 5
    }

    /// Bit 16 is GPIO16.
    private var out: UInt32 = 0
    private var enable: UInt32 = 0
    private var status: UInt32 = 0
    private var configuration = [UInt32](repeating: 0, count: 16)
    /// What the outside drives; a pin that is not in here is only pulled.
    var driven: [Int: Bool] = [:]
    private(set) var levels: UInt32 = Self.pulledUp
    private var told: UInt32 = Self.pulledUp
    /// GPIO0, GPIO2 and the pins of the serial port; a board's resistors and the chip's own. GPIO15 is pulled down.
    private static let pulledUp: UInt32 = 0b1111

    /// What a reset makes of it: all pins are inputs. What the outside drives stays.
    mutating func reset() {
        (out, enable, status) = (0, 0, 0)
        configuration = [UInt32](repeating: 0, count: 16)
        levels = UInt32(Self.pins.reduce(0) { $0 | (external($1) ? 1 << $1 : 0) })
    }

    var isInterrupting: Bool { status != 0 }

    /// The pins that have changed since the last call, and their levels.
    mutating func takeChanges() -> [(pin: Int, level: Bool)] {
        settle()
        let changed = levels ^ told
        told = levels
        return Self.pins.filter { changed & 1 << $0 != 0 }.map { ($0, levels & 1 << $0 != 0) }
    }

    func load(_ offset: UInt32) -> UInt32 {
        switch offset {
        case Register.out: out & 0xFFFF
        case Register.enable: enable & 0xFFFF
        case Register.input: levels & 0xFFFF
        case Register.status: status
        case Register.firstPin...Register.lastPin: configuration[Int(offset - Register.firstPin) / 4]
        default: 0
        }
    }

    mutating func store(_ value: UInt32, _ offset: UInt32) {
        let low = value & 0xFFFF
        switch offset {
        case Register.out: out = out & ~0xFFFF | low
        case Register.outSet: out |= low
        case Register.outClear: out &= ~low
        case Register.enable: enable = enable & ~0xFFFF | low
        case Register.enableSet: enable |= low
        case Register.enableClear: enable &= ~low
        case Register.status: status = low
        case Register.statusSet: status |= low
        case Register.statusClear: status &= ~low
        case Register.firstPin...Register.lastPin: configuration[Int(offset - Register.firstPin) / 4] = value
        default: break
        }
        settle()
    }

    /// Nil where the register is not one of GPIO16.
    func loadPin16(_ offset: UInt32) -> UInt32? {
        switch offset {
        case Register.out16: out >> 16 & 1
        case Register.enable16: enable >> 16 & 1
        case Register.input16: levels >> 16 & 1
        default: nil
        }
    }

    /// - Returns: Whether the register is one of GPIO16.
    mutating func storePin16(_ value: UInt32, _ offset: UInt32) -> Bool {
        switch offset {
        case Register.out16: out = out & 0xFFFF | (value & 1) << 16
        case Register.enable16: enable = enable & 0xFFFF | (value & 1) << 16
        default: return false
        }
        settle()
        return true
    }

    /// Finds the levels, and what they mean for the interrupts.
    private mutating func settle() {
        let before = levels
        levels = UInt32(Self.pins.reduce(0) { $0 | (level($1) ? 1 << $1 : 0) })
        for pin in 0..<16 {
            let bit: UInt32 = 1 << UInt32(pin)
            let (was, isHigh) = (before & bit != 0, levels & bit != 0)
            let asks =
                switch configuration[pin] >> 7 & Self.interruptKind {
                case Kind.rising: !was && isHigh
                case Kind.falling: was && !isHigh
                case Kind.both: was != isHigh
                case Kind.low: !isHigh
                case Kind.high: isHigh
                default: false
                }
            if asks { status |= bit }
        }
    }

    private func level(_ pin: Int) -> Bool {
        guard enable & 1 << pin != 0 else { return external(pin) }
        let isHigh = out & 1 << pin != 0
        let isOpen = pin < 16 && configuration[pin] & Self.openDrain != 0 && isHigh
        return isOpen ? driven[pin] ?? true : isHigh
    }

    private func external(_ pin: Int) -> Bool { driven[pin] ?? (Self.pulledUp & 1 << pin != 0) }
}
