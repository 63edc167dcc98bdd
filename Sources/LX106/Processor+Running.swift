extension Processor {
    /// Runs until about `budget` cycles are spent: a block that is begun is ended, which is at most 64 more.
    public func run(for budget: Int) -> Stop {
        let end = cycles + budget
        while true {
            meetTimer()
            takeInterrupt()
            guard !state.pointee.isWaiting else {
                guard state.pointee.timerAt < end, state.pointee.interruptEnable & Interrupt.timer != 0 else {
                    return .waiting
                }
                state.pointee.cycles = max(state.pointee.cycles, state.pointee.timerAt)
                continue
            }
            guard cycles < end else { return .budget }
            state.pointee.limit = min(end, state.pointee.timerAt)
            if let stop = execute(nil) { return stop }
            if state.pointee.isPaused {
                state.pointee.isPaused = false
                return .budget
            }
        }
    }

    /// Runs one instruction, whether or not there is a breakpoint; an interrupt that is due comes before it.
    public func step() -> Stop {
        meetTimer()
        takeInterrupt()
        guard !state.pointee.isWaiting else { return .waiting }
        guard !memory.isTrap(pc) else { return .trap(address: pc) }
        guard let block = block(at: pc, most: 1) else { return .budget }
        state.pointee.limit = 0
        _ = execute(memory.code.hold(block.slots, from: pc))
        return .budget
    }

    /// Passes time in which no instruction runs, such as that of a routine which is emulated, or of waiting.
    public func spend(cycles: Int) {
        state.pointee.cycles += cycles
    }

    /// The decoded block at `pc`; nil when the run ends there, or it has gone to a vector.
    func begin(_ pc: UInt32) -> BlockStart {
        state.pointee.pc = pc
        if memory.isTrap(pc) { return .stop(.trap(address: pc)) }
        if breakpoints.contains(pc) { return .stop(.breakpoint(address: pc)) }
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
            guard slots.isEmpty || !breakpoints.contains(address), let bits = memory.instruction(at: address) else {
                break
            }
            let instruction = Decoder.decode(bits, at: address)
            slots.append(instruction)
            address &+= UInt32(instruction.length)
            if instruction.operation.endsBlock { break }
        }
        guard !slots.isEmpty else {
            raise(.instructionFetch, at: start, address: start)
            return nil
        }
        slots.append(Instruction(.goOn, immediate: address))
        return (slots, Int(address &- start))
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
            .ill, .illN, .break, .breakN, .syscall, .undefined:
            true
        default: false
        }
    }
}
