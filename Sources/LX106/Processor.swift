/// An LX106: its registers, and the running of instructions.
///
/// One instruction counts as one cycle. The real pipeline takes more for taken branches and loads whose value is used at
/// once; programs that wait do so by CCOUNT or by timers, which run with the same count.
public final class Processor {
    public let memory: AddressSpace

    struct State {
        var pc: UInt32 = 0
        var sar: UInt32 = 0
        var ps: UInt32 = ProcessorStatus.exception | ProcessorStatus.level
        /// What is pending.
        var interrupt: UInt32 = 0
        /// Lines from outside that are active.
        var lines: UInt32 = 0
        var interruptEnable: UInt32 = 0
        var vectorBase: UInt32 = 0x4000_0000
        var compare: UInt32 = 0
        /// Since the start.
        var cycles = 0
        /// CCOUNT less `cycles`.
        var countOffset: UInt32 = 0
        /// In `cycles`: when CCOUNT reaches CCOMPARE0.
        var timerAt = 1 << 32
        /// In `cycles`: blocks are not begun from here on. What must be looked at at once sets it to 0.
        var limit = 0
        var isWaiting = false
        var isPauseWanted = false
    }

    let registers: UnsafeMutablePointer<UInt32>
    let state: UnsafeMutablePointer<State>
    /// What branches compare with: 16 signed, 16 unsigned.
    let constants: UnsafeMutablePointer<UInt32>
    /// The special registers that only keep what is written, by number.
    var kept: [UInt32]
    public internal(set) var breakpoints: Set<UInt32> = []

    /// - Parameter pc: Where it begins after a reset.
    public init(memory: AddressSpace, pc: UInt32) {
        self.memory = memory
        registers = .allocate(capacity: 16)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        constants = .allocate(capacity: 32)
        constants.initialize(from: Instruction.signedConstants + Instruction.unsignedConstants, count: 32)
        kept = Array(repeating: 0, count: 256)
        reset(pc: pc)
    }

    deinit {
        registers.deallocate()
        state.deallocate()
        constants.deallocate()
    }

    /// As the reset line does it; the cycles go on counting, and the lines from outside stay as they are.
    ///
    /// ``Peripherals`` may call it in mid-run: it goes on at `pc` then.
    public func reset(pc: UInt32) {
        let (cycles, lines) = (state.pointee.cycles, state.pointee.lines)
        state.pointee = State()
        state.pointee.pc = pc
        state.pointee.cycles = cycles
        (state.pointee.lines, state.pointee.interrupt) = (lines, lines & Interrupt.ofLine)
        state.pointee.countOffset = 0 &- UInt32(truncatingIfNeeded: cycles)
        state.pointee.timerAt = cycles + 1 << 32
        registers.update(repeating: 0, count: 16)
        for index in kept.indices { kept[index] = 0 }
        (kept[.configid0], kept[.configid1]) = (0xC28C_DAFA, 0x1082_B6F6)
        memory.code.forgetAll()
    }

    /// Where it goes on; for ``Peripherals``, during a load or a store, after that.
    public var pc: UInt32 {
        get { state.pointee.pc }
        set {
            state.pointee.pc = newValue
            state.pointee.limit = 0
        }
    }

    /// The address registers a0 to a15.
    public subscript(register: Int) -> UInt32 {
        get { registers[register & 15] }
        set { registers[register & 15] = newValue }
    }

    /// Whether WAITI has been run, and no interrupt has come since.
    public var isWaiting: Bool { state.pointee.isWaiting }

    /// How many there were since the start, across resets.
    public var cycles: Int { state.pointee.cycles }

    /// Makes lines into the CPU active, or not; see ``Interrupt``. Those of the timer and of programs have none.
    public func setInterrupt(_ lines: UInt32, _ isActive: Bool) {
        let outside = lines & (Interrupt.ofLine | Interrupt.ofEdge | Interrupt.nmi)
        if isActive {
            state.pointee.interrupt |= outside & (Interrupt.ofLine | ~state.pointee.lines)
            state.pointee.lines |= outside
            state.pointee.limit = 0
        } else {
            state.pointee.interrupt &= ~(outside & Interrupt.ofLine)
            state.pointee.lines &= ~outside
        }
    }

    /// Ends the run with ``Stop/paused``, after the instruction that is being run; to be called by ``Peripherals``.
    public func pause() {
        state.pointee.isPauseWanted = true
        state.pointee.limit = 0
    }

    public func setBreakpoint(_ address: UInt32, _ isSet: Bool) {
        if isSet { breakpoints.insert(address) } else { breakpoints.remove(address) }
        memory.code.forgetAll()
    }
}
