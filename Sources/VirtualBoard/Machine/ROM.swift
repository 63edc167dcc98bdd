/// The routines of the chip's ROM that programs call, each done by the machine in its place.
///
/// Source of the addresses: the symbols of Espressif's linker scripts, and calls in Espressif's stubs, traced and disassembled.
/// The arguments are in a2 to a7, the result in a2, or a2 and a3 (Xtensa's CALL0 convention).
enum ROM {
    struct Routine: Sendable {
        var name: String
        var body: @Sendable (Machine) -> Outcome
    }

    enum Outcome {
        case returns(UInt32?)
        /// It goes on where the routine has set `pc`.
        case jumps
        /// The routine is called again at that cycle, or sooner.
        case waits(until: Int)
    }

    /// Where a program returns to that the ROM has called. Source: what Espressif's stubs leave in a0.
    static let endOfProgram: UInt32 = 0x4000_10A8
    /// Where a handler of an interrupt returns to. No routine of the real ROM begins there, nor at the next two.
    static let endOfHandler: UInt32 = 0x4000_0004
    /// Where a handler of an exception returns to.
    static let endOfExceptionHandler: UInt32 = 0x4000_0008
    /// Where what prints a character returns to, and the ROM goes on printing.
    static let nextCharacter: UInt32 = 0x4000_000C
    /// Where a task returns to, and the ROM goes on with the next event.
    static let endOfTask: UInt32 = 0x4000_0014
    /// What a call costs beside its work.
    static let callCycles = 20

    static let routines: [UInt32: Routine] = Dictionary(
        uniqueKeysWithValues: (memory + strings + arithmetic + floats + serial + text + flash + digest + interrupts
            + exceptions + pins + system + analogRegisters + flashCommands + tasks).map {
                ($0.0, Routine(name: $0.1, body: $0.2))
            })

    /// Those that change nothing but their results, so that a loop with them in it may be one that only waits.
    static let quiet: Set<UInt32> = [
        0x4000_E21C, 0x4000_E268, 0x4000_DC88, 0x4000_DCF0, 0x4000_2F0C, 0x4000_3B8C, 0x4000_4CF0, 0x4000_25E0,
        0x4000_DD38, 0x4000_BF4C, 0x4000_BDC8, 0x4000_DEA8, 0x4000_7268, 0x4000_729C,
    ]

    typealias Entry = (UInt32, String, @Sendable (Machine) -> Outcome)
}
