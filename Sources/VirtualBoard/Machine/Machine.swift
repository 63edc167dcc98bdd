import ESPLoader
import LX106

/// The executing chip: the CPU with its memories, and what stands behind the addresses that are not memory.
///
/// Time is the CPU's cycles at 80 MHz from the machine's start on. With real timing they follow the owner's clock; with fast
/// timing the machine runs ahead of it, and bytes wait on the wire until there is room for them.
public final class Machine {
    /// Of the CPU (Hz).
    static let frequency = 80_000_000
    /// What one call runs with fast timing.
    static let slice = 400_000

    var registers: RegisterMap
    var flash: SPIFlash
    var uart: UART
    private(set) var memory: MachineMemory
    private(set) var processor: Processor
    let timing: ChipTiming
    var interrupts = InterruptDispatch()
    var digests: [UInt32: Digest] = [:]

    /// What comes over the wire, and when each byte is whole; in order.
    private var arriving: [(byte: UInt8, at: Int)] = []
    private var arrived = 0
    /// The owner's time at cycle 0.
    private var origin = Duration.zero
    /// When the flash is done with what it was told (cycles).
    var flashBusyUntil = 0
    private(set) var halt: Halt?

    /// Why nothing runs any more.
    public enum Halt: Sendable, Equatable {
        /// Code has called a routine of the ROM that is not emulated here.
        case missingRoutine(address: UInt32)
        /// An exception that nobody handles.
        case exception(cause: UInt32, pc: UInt32, address: UInt32)
        /// The program has asked for the chip to be restarted.
        case restart
        /// The program has returned to the ROM.
        case ended
    }

    func stop(_ reason: Halt) {
        halt = reason
        processor.pause()
    }

    init(flash: SPIFlash, eFuses: EFuses, timing: ChipTiming) {
        self.flash = flash
        self.timing = timing
        registers = RegisterMap(eFuses: eFuses, baud: BootLog.baud)
        uart = UART(divider: UInt32(UART.clock / BootLog.baud), timing: timing)
        let bus = Bus()
        memory = MachineMemory(peripherals: bus)
        processor = Processor(memory: memory.space, pc: 0)
        self.bus = bus
        bus.machine = self
        memory.setROM(RegisterMap.chipMagic.address, RegisterMap.chipMagic.value)
    }

    /// Kept alive for the address space, which does not.
    private let bus: Bus

    /// Begins at `entry`, as the ROM does it, at the owner's time `now`.
    func start(entry: UInt32, baud: Int, at now: Duration) {
        origin = now
        halt = nil
        arriving = []
        arrived = 0
        interrupts = InterruptDispatch()
        digests = [:]
        processor = Processor(memory: memory.space, pc: entry)
        processor[.ps] = 1 << 5
        processor[1] = Self.stackTop
        processor[0] = ROM.endOfProgram
        uart = UART(divider: UInt32(UART.clock / max(1, baud)), timing: timing)
        flashBusyUntil = 0
    }

    /// Where the ROM's stack begins when it calls a program.
    private static let stackTop: UInt32 = 0x3FFF_FFB0

    /// The time at which the CPU is.
    var now: Duration { origin + .nanoseconds(Int64(processor.cycles) * 1_000_000_000 / Int64(Self.frequency)) }

    private func cycle(at time: Duration) -> Int {
        let nanoseconds = (time - origin) / .nanoseconds(1)
        return Int(nanoseconds * Double(Self.frequency) / 1_000_000_000)
    }

    /// Bytes that come over the wire from `now` on.
    func receive(_ bytes: [UInt8], baud: Int, at now: Duration) {
        var at = max(timing == .real ? cycle(at: now) : processor.cycles, arriving.last?.at ?? 0)
        let each = timing == .real ? 10 * Self.frequency / max(1, baud) : 0
        for byte in bytes {
            at += each
            arriving.append((byte, at))
        }
    }

    /// How many bytes wait on the wire.
    var waiting: Int { arriving.count - arrived }

    /// Runs until the owner's time `now`, or with fast timing for a slice.
    ///
    /// - Returns: The bytes that are out on the wire, each with its speed.
    func run(until now: Duration) -> [(byte: UInt8, baud: Int)] {
        var sent: [(byte: UInt8, baud: Int)] = []
        let target = timing == .real ? cycle(at: now) : processor.cycles + Self.slice
        while halt == nil, processor.cycles < target {
            meetWire(&sent)
            let next = min(target, nextEvent ?? target)
            switch processor.run(for: max(1, next - processor.cycles)) {
            case .budget, .breakpoint: break
            case .waiting: processor.spend(cycles: max(1, next - processor.cycles))
            case .trap(let address): call(address)
            }
        }
        meetWire(&sent)
        return sent
    }

    private var nextEvent: Int? {
        let arrival = arrived < arriving.count && (timing == .real || uart.hasRoom) ? arriving[arrived].at : nil
        return [arrival, uart.timeoutAt, uart.sentAt].compactMap(\.self).min()
    }

    /// What is due on the wire in both directions.
    private func meetWire(_ sent: inout [(byte: UInt8, baud: Int)]) {
        let cycles = processor.cycles
        while arrived < arriving.count, arriving[arrived].at <= cycles, timing == .real || uart.hasRoom {
            uart.receive(arriving[arrived].byte, at: cycles)
            arrived += 1
        }
        if arrived == arriving.count { (arriving, arrived) = ([], 0) }
        uart.settle(at: cycles)
        while let out = uart.takeSent(by: cycles) { sent.append((out.byte, uart.baud)) }
        refreshInterrupts()
    }

    func refreshInterrupts() {
        processor.setInterrupt(Interrupt.uart, uart.isInterrupting)
    }

    /// Carries out a routine of the ROM in its place.
    private func call(_ address: UInt32) {
        guard address != ROM.endOfProgram else { return stop(.ended) }
        guard let routine = ROM.routines[address] else {
            halt = .missingRoutine(address: address)
            return
        }
        switch routine.body(self) {
        case .returns(let value):
            if let value { processor[2] = value }
            processor.pc = processor[0]
        case .jumps: break
        case .waits(let until): processor.spend(cycles: max(1, until - processor.cycles))
        }
        processor.spend(cycles: ROM.callCycles)
    }
}
