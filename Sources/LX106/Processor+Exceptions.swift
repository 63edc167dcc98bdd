extension Processor {
    /// Goes to the vector of an exception: for what a program did, or a routine that is carried out in its place.
    ///
    /// - Parameters:
    ///   - pc: Where it is gone on later: the instruction itself.
    ///   - address: What was accessed, for those that say it.
    public func raise(_ cause: ExceptionCause, at pc: UInt32, address: UInt32? = nil) {
        kept[.exccause] = cause.rawValue
        if let address { kept[.excvaddr] = address }
        let isDouble = state.pointee.ps & ProcessorStatus.exception != 0
        kept[isDouble ? .depc : .epc1] = pc
        let isUser = state.pointee.ps & ProcessorStatus.userMode != 0
        state.pointee.ps |= ProcessorStatus.exception
        state.pointee.pc = state.pointee.vectorBase &+ (isDouble ? Vector.double : isUser ? Vector.user : Vector.kernel)
    }

    /// The level below which nothing interrupts.
    private var level: UInt32 {
        let ps = state.pointee.ps
        return ps & ProcessorStatus.exception != 0
            ? max(1, ps & ProcessorStatus.level) : ps & ProcessorStatus.level
    }

    func takeInterrupt() {
        let active = state.pointee.interrupt & state.pointee.interruptEnable
        if state.pointee.interrupt & Interrupt.nmi != 0, level < ProcessorStatus.nmiLevel {
            state.pointee.interrupt &= ~Interrupt.nmi
            enter(.epc3, .eps3, level: ProcessorStatus.nmiLevel, vector: Vector.nmi, from: pc)
        } else if active & Interrupt.ofLevel1 != 0, level < 1 {
            state.pointee.isWaiting = false
            raise(.level1Interrupt, at: pc)
        }
    }

    /// - Returns: Whether the debug exception came; above its level a breakpoint instruction does nothing.
    func debugBreak(at pc: UInt32, isNarrow: Bool) -> Bool {
        guard level < ProcessorStatus.debugLevel else { return false }
        kept[.debugcause] = isNarrow ? 1 << 4 : 1 << 3
        enter(.epc2, .eps2, level: ProcessorStatus.debugLevel, vector: Vector.debug, from: pc)
        return true
    }

    private func enter(
        _ place: SpecialRegister, _ status: SpecialRegister, level: UInt32, vector: UInt32, from pc: UInt32
    ) {
        state.pointee.isWaiting = false
        kept[place] = pc
        kept[status] = state.pointee.ps
        state.pointee.ps = state.pointee.ps & ~ProcessorStatus.level | ProcessorStatus.exception | level
        state.pointee.pc = state.pointee.vectorBase &+ vector
    }
}

extension [UInt32] {
    /// The special register of that name in a row of all 256.
    subscript(register: SpecialRegister) -> UInt32 {
        get { self[Int(register.rawValue)] }
        set { self[Int(register.rawValue)] = newValue }
    }
}
