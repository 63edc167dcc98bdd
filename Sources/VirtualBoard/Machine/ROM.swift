/// The routines of the chip's ROM that programs call, each done by the machine in its place.
///
/// Source of the addresses: calls in Espressif's stubs, traced and disassembled. The arguments are in a2 to a7, the result in a2
/// (Xtensa's CALL0 convention).
enum ROM {
    struct Routine: Sendable {
        var name: String
        var body: @Sendable (Machine) -> Outcome
    }

    enum Outcome {
        case returns(UInt32?)
        /// It goes on where the routine has set `pc`.
        case jumps
        /// The routine is called again at that cycle.
        case waits(until: Int)
    }

    /// Where a program returns to that the ROM has called. Source: what Espressif's stubs leave in a0.
    static let endOfProgram: UInt32 = 0x4000_10A8
    /// Where a handler of an interrupt returns to. No routine of the real ROM begins there.
    static let endOfHandler: UInt32 = 0x4000_0004
    /// What a call costs beside its work.
    static let callCycles = 20

    static let routines: [UInt32: Routine] = Dictionary(
        uniqueKeysWithValues: (memory + arithmetic + serial + flash + digest + interrupts).map {
            ($0.0, Routine(name: $0.1, body: $0.2))
        })

    typealias Entry = (UInt32, String, @Sendable (Machine) -> Outcome)
}
