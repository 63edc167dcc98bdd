/// Why a run of the CPU ended.
public enum Stop: Sendable, Equatable {
    /// The cycles are spent, exactly.
    case budget
    /// It would go on at an address that is a trap, such as a routine of the ROM.
    case trap(address: UInt32)
    /// It waits for an interrupt (`waiti`), and its timer does not bring one by the time that the cycles are spent.
    case waiting
    /// Some peripheral has asked for it.
    case paused
    /// It would go on at a breakpoint, in a trap or elsewhere.
    case breakpoint(address: UInt32)
}
