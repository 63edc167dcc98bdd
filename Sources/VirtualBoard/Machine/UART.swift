import LX106

/// One serial port of the chip: two FIFOs of 128 bytes, its interrupts, its divider.
///
/// Source: the registers in Espressif's `uart_register.h`. Time is in ticks of 80 MHz.
struct UART {
    static let fifoBytes = 128
    /// The clock that the divider divides until a program sets the PLL (Hz): twice the crystal.
    static let crystalClock = 52_000_000
    /// And from then on: that of the bus.
    static let pllClock = 80_000_000

    enum Register {
        static let fifo: UInt32 = 0x00
        static let interruptRaw: UInt32 = 0x04
        static let interruptStatus: UInt32 = 0x08
        static let interruptEnable: UInt32 = 0x0C
        static let interruptClear: UInt32 = 0x10
        static let divider: UInt32 = 0x14
        static let status: UInt32 = 0x1C
        static let configuration0: UInt32 = 0x20
        static let configuration1: UInt32 = 0x24
    }

    private enum Cause {
        static let receiveFull: UInt32 = 1 << 0
        static let sendEmpty: UInt32 = 1 << 1
        static let overflow: UInt32 = 1 << 4
        static let receiveTimeout: UInt32 = 1 << 8
    }

    private static let resetReceiver: UInt32 = 1 << 17
    private static let resetSender: UInt32 = 1 << 18

    var divider: UInt32
    var clock = Self.crystalClock
    private var received: [UInt8] = []
    private(set) var toSend: [UInt8] = []
    /// When the byte in the shifter is out; nil while there is none.
    private(set) var sentAt: Int?
    private var raw: UInt32 = 0
    private var enabled: UInt32 = 0
    private var configuration0: UInt32 = 0x1C
    /// As the ROM leaves it, on which stubs rely: interrupts at 16 bytes, and after a silence of 2 bytes.
    private var configuration1: UInt32 = 1 << 31 | 2 << 24 | 0x10 << 8 | 0x10
    /// When the line has been silent for so long that what is in the FIFO must be told.
    private(set) var timeoutAt: Int?
    private let timing: ChipTiming

    init(divider: UInt32, timing: ChipTiming) {
        self.divider = divider
        self.timing = timing
    }

    var baud: Int { clock / Int(max(1, divider)) }

    /// Of one byte on the wire.
    private var byteCycles: Int {
        timing == .real ? Int(max(1, divider)) * 10 * Machine.frequency / clock : 0
    }

    var hasInput: Bool { !received.isEmpty }
    var hasRoom: Bool { received.count < Self.fifoBytes }
    var canSend: Bool { toSend.count < Self.fifoBytes }

    /// Whether the interrupt's line is active.
    var isInterrupting: Bool { status & enabled != 0 }

    private var status: UInt32 {
        var status = raw
        if received.count >= max(1, Int(configuration1 & 0x7F)) { status |= Cause.receiveFull }
        if toSend.count <= Int(configuration1 >> 8 & 0x7F) { status |= Cause.sendEmpty }
        return status
    }

    /// A byte has come over the wire.
    mutating func receive(_ byte: UInt8, at now: Int) {
        guard hasRoom else {
            raw |= Cause.overflow
            return
        }
        received.append(byte)
        if configuration1 >> 31 != 0 { timeoutAt = now + Int(configuration1 >> 24 & 0x7F) * byteCycles }
    }

    mutating func settle(at now: Int) {
        guard let due = timeoutAt, due <= now else { return }
        timeoutAt = nil
        if !received.isEmpty { raw |= Cause.receiveTimeout }
    }

    mutating func send(_ byte: UInt8, at now: Int) {
        guard canSend else { return }
        toSend.append(byte)
        if sentAt == nil { sentAt = now + byteCycles }
    }

    /// The byte whose sending ends by `now`, and when it does.
    mutating func takeSent(by now: Int) -> (byte: UInt8, at: Int)? {
        guard let due = sentAt, due <= now, !toSend.isEmpty else { return nil }
        let byte = toSend.removeFirst()
        sentAt = toSend.isEmpty ? nil : due + byteCycles
        return (byte, due)
    }

    mutating func load(_ offset: UInt32) -> UInt32 {
        guard offset == Register.fifo else { return peek(offset) ?? 0 }
        return received.isEmpty ? 0 : UInt32(received.removeFirst())
    }

    /// - Returns: Nil for the FIFO, which a look takes something out of.
    func peek(_ offset: UInt32) -> UInt32? {
        switch offset {
        case Register.fifo: return nil
        case Register.interruptRaw: return status
        case Register.interruptStatus: return status & enabled
        case Register.interruptEnable: return enabled
        case Register.divider: return divider
        case Register.status: return UInt32(received.count) | UInt32(toSend.count) << 16
        case Register.configuration0: return configuration0
        case Register.configuration1: return configuration1
        default: return 0
        }
    }

    mutating func store(_ value: UInt32, _ offset: UInt32, at now: Int) {
        switch offset {
        case Register.fifo: send(UInt8(truncatingIfNeeded: value), at: now)
        case Register.interruptEnable: enabled = value
        case Register.interruptClear: raw &= ~value
        case Register.divider: divider = value & 0xF_FFFF
        case Register.configuration0:
            configuration0 = value
            if value & Self.resetReceiver != 0 { received = [] }
            if value & Self.resetSender != 0 { (toSend, sentAt) = ([], nil) }
        case Register.configuration1: configuration1 = value
        default: break
        }
    }
}
