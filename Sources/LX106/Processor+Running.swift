extension Processor {
    /// Runs until `budget` cycles are spent, to the cycle. Interrupts come at the cycle at which they are due, wherever
    /// blocks begin and end.
    public func run(for budget: Int) -> Stop {
        let end = cycles + budget
        while true {
            if isPauseDue() { return .paused }
            meetInterrupts()
            guard !state.pointee.isWaiting else {
                guard state.pointee.timerAt <= end, state.pointee.interruptEnable & Interrupt.timer != 0 else {
                    return .waiting
                }
                state.pointee.cycles = max(state.pointee.cycles, state.pointee.timerAt)
                continue
            }
            guard cycles < end else { return .budget }
            if let stop = advance(to: min(end, state.pointee.timerAt)) { return stop }
        }
    }

    /// Runs towards a cycle in whole blocks for as long as none can overrun it, then a block's beginning.
    private func advance(to end: Int) -> Stop? {
        let lastStart = end - CodeCache.longestBlock
        guard cycles >= lastStart else {
            state.pointee.limit = lastStart
            return execute(nil)
        }
        let block: CodeCache.Slots
        if let known = memory.code.block(at: pc) {
            block = known
        } else {
            switch begin(pc) {
            case .slots(let slots): block = slots
            case .elsewhere:
                state.pointee.cycles += 1
                return nil
            case .stop(let reason): return reason
            }
        }
        state.pointee.limit = 0
        return execute(memory.code.hold(end - cycles, of: block))
    }

    private func isPauseDue() -> Bool {
        guard state.pointee.isPauseWanted else { return false }
        state.pointee.isPauseWanted = false
        return true
    }

    /// Runs one instruction, whether or not there is a breakpoint; an interrupt that is due comes before it.
    public func step() -> Stop {
        meetInterrupts()
        guard !state.pointee.isWaiting else { return .waiting }
        guard !memory.isTrap(pc) else { return .trap(address: pc) }
        guard let block = block(at: pc, most: 1) else {
            state.pointee.cycles += 1
            return .budget
        }
        state.pointee.limit = 0
        _ = execute(memory.code.hold(block.slots, from: pc))
        return isPauseDue() ? .paused : .budget
    }

    /// Passes time in which no instruction runs, such as that of a routine which is emulated, or of waiting.
    ///
    /// - Parameter cycles: At least 0. ``Peripherals`` may pass some in mid-run.
    public func spend(cycles: Int) {
        state.pointee.cycles += cycles
        state.pointee.limit = 0
    }

    /// Decodes the block at `pc`.
    @inline(never)
    func begin(_ pc: UInt32) -> BlockStart {
        state.pointee.pc = pc
        if breakpoints.contains(pc) { return .stop(.breakpoint(address: pc)) }
        if memory.isTrap(pc) { return .stop(.trap(address: pc)) }
        guard let block = block(at: pc, most: CodeCache.longestBlock - 1) else { return .elsewhere }
        let slots = memory.code.keep(block.slots, from: pc, bytes: block.bytes)
        let first = Int((pc &- AddressSpace.first) / AddressSpace.pageBytes)
        let last = Int((pc &- AddressSpace.first &+ UInt32(block.bytes) - 1) / AddressSpace.pageBytes)
        for page in first...last { memory.watch(page: page) }
        return .slots(slots)
    }

    enum BlockStart {
        case slots(CodeCache.Slots)
        /// An exception has changed `pc`.
        case elsewhere
        case stop(Stop)
    }

    /// Decodes from `start` on; where not even one instruction can be read, the exception is raised.
    private func block(at start: UInt32, most: Int) -> (slots: [Instruction], bytes: Int)? {
        var slots: [Instruction] = []
        var address = start
        let page = start / AddressSpace.pageBytes
        while slots.count < most, address / AddressSpace.pageBytes == page {
            guard slots.isEmpty || !breakpoints.contains(address),
                let (instruction, bytes) = instruction(at: address)
            else { break }
            slots.append(instruction)
            address &+= UInt32(bytes)
            if instruction.operation.endsBlock { break }
        }
        guard !slots.isEmpty else {
            raise(
                AddressSpace.isProhibited(start) ? .instructionFetchProhibited : .instructionFetch,
                at: start, address: start)
            return nil
        }
        slots.append(Instruction(.goOn, immediate: address))
        return (slots, Int(address &- start))
    }

    /// What stands at an address, as it would be run now, and how many bytes it takes; nil where none can be read.
    func instruction(at address: UInt32) -> (instruction: Instruction, bytes: Int)? {
        guard let bits = memory.instruction(at: address) else { return nil }
        var instruction = Decoder.decode(bits, at: address)
        if instruction.operation == .l32r, kept[.litbase] & 1 != 0 {
            instruction.immediate = kept[.litbase] & ~0xFFF &+ (0xFFFC_0000 | (bits & 0xFF_FF00) >> 6)
        }
        return (instruction, Decoder.length(first: UInt8(truncatingIfNeeded: bits)))
    }

    /// Goes to the vector of what is due.
    func meetInterrupts() {
        meetTimer()
        takeInterrupt()
    }

    private func meetTimer() {
        guard state.pointee.cycles >= state.pointee.timerAt else { return }
        state.pointee.interrupt |= Interrupt.timer
        state.pointee.timerAt += 1 << 32
    }
}

extension Operation {
    /// What follows it is not run at once, or must not be decoded before it was run.
    fileprivate var endsBlock: Bool {
        switch self {
        case .call0, .callx0, .j, .jx, .ret, .retN, .rfe, .rfde, .rfi, .rfdo, .rfdd, .wsr, .xsr, .rsil, .waiti, .isync,
            .ill, .illN, .break, .breakN, .syscall, .simcall, .undefined:
            true
        default: false
        }
    }
}
