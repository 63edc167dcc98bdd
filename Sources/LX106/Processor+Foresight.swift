/// What lets an owner see that a program only waits: its registers as a value, and what its next instruction touches.
extension Processor {
    /// What the next steps depend on, beside memory and time.
    public struct Snapshot: Sendable, Equatable {
        public var pc: UInt32
        var registers: [UInt32]
        var shift: UInt32
        var status: UInt32
    }

    public var snapshot: Snapshot {
        get {
            Snapshot(
                pc: pc, registers: Array(UnsafeBufferPointer(start: registers, count: 16)), shift: state.pointee.sar,
                status: state.pointee.ps)
        }
        set {
            pc = newValue.pc
            for (number, value) in newValue.registers.enumerated() { registers[number] = value }
            state.pointee.sar = newValue.shift
            state.pointee.ps = newValue.status
        }
    }

    /// What the instruction at `pc` touches that is not in a ``Snapshot``.
    public struct Foresight: Sendable, Equatable {
        /// Where it stores to.
        public var store: UInt32?
        public var readsTime = false
    }

    public var foresight: Foresight {
        guard let bits = memory.instruction(at: pc) else { return Foresight() }
        let instruction = Decoder.decode(bits, at: pc)
        switch instruction.operation {
        case .s8i, .s16i, .s32i, .s32iN:
            return Foresight(store: registers[Int(instruction.s)] &+ instruction.immediate)
        case .rsr, .xsr:
            return Foresight(readsTime: instruction.immediate == UInt32(SpecialRegister.ccount.rawValue))
        default:
            return Foresight()
        }
    }

    /// In cycles: when CCOUNT reaches CCOMPARE0.
    public var timerAt: Int { state.pointee.timerAt }
}
