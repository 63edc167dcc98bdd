import ESPLoader
import LX106

/// The executing chip: the CPU with its memories, and what stands behind the addresses that are not memory.
///
/// Time is counted in ticks of 80 MHz since the last reset, of which each is one cycle of the CPU, or two at 160 MHz; devices
/// know nothing but ticks, and the timers those of the bus. With real timing they follow the owner's clock, as well as the host can: what it cannot keep up with is left out, so a slow host makes a slow board. With fast timing code runs ahead of the
/// clock, and only a program that waits goes along with it.
public final class Machine {
    /// Of the ticks (Hz).
    static let frequency = 80_000_000

    var registers: RegisterMap
    var flash: SPIFlash
    var uart: UART
    /// The second port, which can only send.
    var uart1: UART
    var gpio = GPIO()
    var timers = Timers()
    var watchdog = Watchdog()
    var rtc = RTC()
    var converter = Converter()
    private(set) var memory: MachineMemory
    private(set) var processor: Processor
    let timing: ChipTiming
    var interrupts = InterruptDispatch()
    var digests: [UInt32: Digest] = [:]
    var printing = Printing()
    var tasks = TaskQueues()
    /// When routines of the ROM that wait are done (cycles of the CPU), by their caller's stack.
    var delays: [UInt32: Int] = [:]
    /// What the ROM calls when a program that it has called returns.
    var userStart: UInt32?
    /// The lines of the devices that are active.
    var activeLines: UInt32 = 0
    /// The number of the line that comes as an NMI; 0 for none.
    var nmiSource: UInt32 = 0
    var random = SeededRandom(seed: 1)

    /// What comes over the wire, and when each byte is whole; in order.
    var arriving: [(byte: UInt8, at: Int)] = []
    var arrived = 0
    /// The owner's time at tick 0.
    var origin = Duration.zero
    /// When the flash is done with what it was told (ticks).
    var flashBusyUntil = 0
    /// When the flash's bus is free (ticks).
    var busFreeAt = 0
    /// Routines of the ROM that wait for the flash, by their caller's stack.
    var flashCommands: [UInt32: FlashCommand] = [:]
    var pace = Pace()
    var clock: CPUClock
    /// What the timers count, and the flash's bus.
    var busClock: BusClock
    var analog = AnalogRegisters()
    /// Whether a program has doubled the CPU's clock.
    var isCPUDoubled = false
    private let startClock: StartClock
    var debugging = Debugging()
    var trace: CallTrace?
    /// Counts what a program does that the next time around the same loop must not do unseen.
    var effects = 0
    /// Counts looks at what changes with time alone.
    var timeReads = 0
    private(set) var halt: Halt?
    /// The program, or the watchdog, wants the chip to be reset.
    private(set) var reset: BootLog.ResetCause?
    weak var pinWatcher: (any PinWatcher)?
    /// What the second port has sent and nobody has taken yet.
    var sentByUART1: [UInt8] = []

    /// Of ``chipTime``, what was before the last reset.
    private var earlier = Duration.zero
    /// Kept alive for the address space, which does not.
    private let bus: Bus

    init(flash: SPIFlash, eFuses: EFuses, timing: ChipTiming, startClock: StartClock) {
        self.flash = flash
        self.timing = timing
        self.startClock = startClock
        clock = CPUClock(megahertz: startClock.megahertz)
        busClock = BusClock(megahertz: startClock.megahertz)
        registers = RegisterMap(eFuses: eFuses, baud: BootLog.baud)
        uart = UART(divider: UInt32(UART.crystalClock / BootLog.baud), timing: timing)
        uart1 = uart
        let bus = Bus()
        memory = MachineMemory(peripherals: bus)
        processor = Processor(memory: memory.space, pc: 0)
        self.bus = bus
        bus.machine = self
        memory.setROM(RegisterMap.chipMagic.address, RegisterMap.chipMagic.value)
    }

    func stop(_ reason: Halt) {
        halt = reason
        processor.pause()
    }

    func restart(_ cause: BootLog.ResetCause) {
        reset = cause
        processor.pause()
    }

    /// Begins at `entry`, as the ROM does it, at the owner's time `now`.
    func start(entry: UInt32, baud: Int, at now: Duration) {
        origin = now
        clear()
        earlier += Self.duration(of: ticks)
        clock = CPUClock(megahertz: startClock.megahertz)
        busClock = BusClock(megahertz: startClock.megahertz)
        let breakpoints = processor.breakpoints
        processor = Processor(memory: memory.space, pc: entry)
        for address in breakpoints { processor.setBreakpoint(address, true) }
        trace?.didStart(processor)
        processor[.ps] = 1 << 5
        processor[1] = Self.stackTop
        processor[0] = ROM.endOfProgram
        uart = UART(divider: UInt32(UART.crystalClock / max(1, baud)), timing: timing)
        // A reset of the chip does not end what the flash is at.
        if let end = flash.nextEnd { flashBusyUntil = ticks(of: max(.zero, end - now)) }
    }

    /// What a reset of the chip does to everything but the RTC's memory and the flash.
    func clear() {
        (halt, reset) = (nil, nil)
        (arriving, arrived) = ([], 0)
        interrupts = InterruptDispatch()
        digests = [:]
        printing = Printing()
        tasks = TaskQueues()
        delays = [:]
        userStart = nil
        pace = Pace()
        registers.clear()
        uart1 = UART(divider: UInt32(UART.crystalClock / BootLog.baud), timing: timing)
        gpio.reset()
        tellPins()
        timers = Timers()
        watchdog = Watchdog()
        (activeLines, nmiSource) = (0, 0)
        memory.hideFlash()
        flashBusyUntil = 0
        busFreeAt = 0
        flashCommands = [:]
        analog = AnalogRegisters()
        isCPUDoubled = false
        setClocks()
        clock.cyclesPerMicrosecond = CPUClock.usual
    }

    /// Gives each part the clock that the PLL and the CPU's own register say.
    func setClocks() {
        let bus = analog.isPLLSet ? StartClock.full.megahertz : startClock.megahertz
        busClock.set(megahertz: bus, at: ticks)
        clock.set(megahertz: isCPUDoubled ? 2 * bus : bus, at: processor.cycles)
        uart.clock = analog.isPLLSet ? UART.pllClock : UART.crystalClock
        uart1.clock = uart.clock
    }

    /// Where the ROM's stack begins when it calls a program.
    private static let stackTop: UInt32 = 0x3FFF_FFB0

    /// Where the CPU is (ticks).
    var ticks: Int { clock.tick(of: processor.cycles) }

    /// The time at which the CPU is.
    var now: Duration { time(of: ticks) }

    /// The chip's own clock: for how long its CPU has run since it was made.
    var chipTime: Duration { earlier + Self.duration(of: ticks) }

    func time(of tick: Int) -> Duration { origin + Self.duration(of: tick) }

    static func duration(of ticks: Int) -> Duration {
        .seconds(ticks / frequency) + .nanoseconds(ticks % frequency * 1_000 / (frequency / 1_000_000))
    }

    func tick(at time: Duration) -> Int {
        let (seconds, attoseconds) = (time - origin).components
        return Int(seconds) * Self.frequency + Int(attoseconds / 1_000_000_000) * (Self.frequency / 1_000_000) / 1_000
    }

    /// Bytes that come over the wire from `now` on.
    func receive(_ bytes: [UInt8], baud: Int, at now: Duration) {
        let due = timing == .real ? max(tick(at: now), ticks) : ticks
        var at = max(due, arriving.last?.at ?? 0)
        let each = timing == .real ? 10 * Self.frequency / max(1, baud) : 0
        for byte in bytes {
            at += each
            arriving.append((byte, at))
        }
    }

    /// How many bytes wait on the wire.
    var waiting: Int { arriving.count - arrived }

    /// A pin is driven from outside; nil leaves it alone.
    func drive(pin: Int, _ level: Bool?) {
        gpio.driven[pin] = level
        tellPins()
        pace.isWaiting = false
    }

    /// The voltage at TOUT, 0 to 1023.
    func apply(analogue: Int) {
        converter.value = analogue
        pace.isWaiting = false
    }
}
