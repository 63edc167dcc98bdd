extension Processor {
    /// What `rsr` reads.
    public subscript(register: SpecialRegister) -> UInt32 {
        get {
            switch register {
            case .sar: state.pointee.sar
            case .ps: state.pointee.ps
            case .interrupt: state.pointee.interrupt
            case .intenable: state.pointee.interruptEnable
            case .vecbase: state.pointee.vectorBase
            case .ccompare0: state.pointee.compare
            case .ccount: count
            default: kept[register]
            }
        }
        set { write(newValue, to: register) }
    }

    private var count: UInt32 { UInt32(truncatingIfNeeded: state.pointee.cycles) &+ state.pointee.countOffset }

    private func write(_ value: UInt32, to register: SpecialRegister) {
        // What is pending may be let in now.
        state.pointee.limit = 0
        switch register {
        case .sar: state.pointee.sar = value & 0x3F
        case .ps: state.pointee.ps = value & ProcessorStatus.kept
        case .interrupt: state.pointee.interrupt |= value & Interrupt.software
        case .intclear: state.pointee.interrupt &= ~(value & (Interrupt.software | Interrupt.ofEdge))
        case .intenable: state.pointee.interruptEnable = value
        case .vecbase: state.pointee.vectorBase = value & ~0xFF
        case .ccompare0:
            state.pointee.compare = value
            state.pointee.interrupt &= ~Interrupt.timer
            setTimer()
        case .ccount:
            state.pointee.countOffset = value &- UInt32(truncatingIfNeeded: state.pointee.cycles)
            setTimer()
        case .litbase:
            kept[.litbase] = value
            // Literals are found when their instruction is decoded.
            memory.code.forgetAll()
        case .prid, .configid0, .configid1: break
        default: kept[register] = value
        }
    }

    private func setTimer() {
        let distance = state.pointee.compare &- count
        state.pointee.timerAt = state.pointee.cycles + (distance == 0 ? 1 << 32 : Int(distance))
    }
}
