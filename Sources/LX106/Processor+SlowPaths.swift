/// What the inner loop leaves: accesses that are not to mapped memory, and instructions that change the machine itself.
///
/// `ip` is the slot after the instruction, `start` that of its block. A load or a store that asked for attention (an interrupt,
/// a pause, a reset, decoded code that is stale) has set `state.limit` to 0, and its block is left after it.
extension Processor {
    /// - Returns: Whether it goes on with the next slot; else `state.pc` says where.
    @inline(never)
    func load(
        _ instruction: Instruction, _ address: UInt32, _ width: AccessWidth,
        from ip: CodeCache.Slots, in start: CodeCache.Slots
    ) -> Bool {
        let pc = self.address(before: ip, in: start)
        guard address & (width.rawValue - 1) == 0 else {
            raise(.loadStoreAlignment, at: pc, address: address)
            return false
        }
        state.pointee.pc = pc &+ UInt32(instruction.length)
        guard let value = memory.load(address, width) else {
            raise(AddressSpace.isProhibited(address) ? .loadProhibited : .loadStore, at: pc, address: address)
            return false
        }
        registers[Int(instruction.t)] =
            instruction.operation == .l16si
            ? UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: value))) : value
        return state.pointee.limit != 0
    }

    /// - Returns: Whether it goes on with the next slot; else `state.pc` says where.
    @inline(never)
    func store(
        _ instruction: Instruction, _ address: UInt32, _ width: AccessWidth,
        from ip: CodeCache.Slots, in start: CodeCache.Slots
    ) -> Bool {
        let pc = self.address(before: ip, in: start)
        guard address & (width.rawValue - 1) == 0 else {
            raise(.loadStoreAlignment, at: pc, address: address)
            return false
        }
        state.pointee.pc = pc &+ UInt32(instruction.length)
        switch memory.store(registers[Int(instruction.t)], address, width) {
        case .stored:
            return state.pointee.limit != 0
        case .storedIntoCode:
            return false
        case .refused:
            raise(AddressSpace.isProhibited(address) ? .storeProhibited : .loadStore, at: pc, address: address)
            return false
        }
    }

    /// `rsr`, `wsr`, `xsr`, `rsil`.
    @inline(never)
    func special(_ instruction: Instruction) {
        let place = Int(instruction.t)
        if instruction.operation == .rsil {
            registers[place] = self[.ps]
            self[.ps] = self[.ps] & ~ProcessorStatus.level | UInt32(instruction.s)
            return
        }
        guard let register = SpecialRegister(rawValue: UInt8(truncatingIfNeeded: instruction.immediate)) else { return }
        let old = self[register]
        if instruction.operation != .rsr { self[register] = registers[place] }
        if instruction.operation != .wsr { registers[place] = old }
    }

    /// Instructions after which it goes on elsewhere; sets `state.pc`.
    @inline(never)
    func turn(_ instruction: Instruction, from ip: CodeCache.Slots, in start: CodeCache.Slots) {
        let pc = address(before: ip, in: start)
        state.pointee.pc = pc &+ UInt32(instruction.length)
        state.pointee.limit = 0
        switch instruction.operation {
        case .waiti:
            self[.ps] = self[.ps] & ~ProcessorStatus.level | UInt32(instruction.s)
            state.pointee.isWaiting = true
        case .rfe:
            self[.ps] &= ~ProcessorStatus.exception
            state.pointee.pc = self[.epc1]
        case .rfde:
            state.pointee.pc = self[.depc]
        case .rfi:
            `return`(from: instruction.s)
        case .break, .breakN:
            _ = debugBreak(at: pc, isNarrow: instruction.operation == .breakN)
        case .syscall:
            raise(.syscall, at: pc)
        default:
            raise(.illegalInstruction, at: pc)
        }
    }

    private func `return`(from level: UInt8) {
        switch level {
        case 2: (state.pointee.pc, self[.ps]) = (self[.epc2], self[.eps2])
        case 3: (state.pointee.pc, self[.ps]) = (self[.epc3], self[.eps3])
        default: raise(.illegalInstruction, at: state.pointee.pc &- 3)
        }
    }

    /// Where the instruction stands that is before `ip`.
    private func address(before ip: CodeCache.Slots, in start: CodeCache.Slots) -> UInt32 {
        var address = (start - 1).pointee.immediate
        var slot = start
        while slot < ip - 1 {
            address &+= UInt32(slot.pointee.length)
            slot += 1
        }
        return address
    }
}
