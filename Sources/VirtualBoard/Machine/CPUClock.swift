/// How many cycles of the CPU make a tick of 80 MHz: one, or two after a program has doubled its clock.
///
/// Source: bit 0 of 0x3FF00014 in the register headers of esp-open-rtos and of the Arduino core. What hangs on the bus goes on
/// at its own pace.
struct CPUClock {
    /// At 80 MHz.
    static let usual: UInt32 = 80

    /// What the ROM believes, and measures its delays with; programs tell it.
    var cyclesPerMicrosecond = Self.usual
    private(set) var cyclesPerTick = 1
    /// When that began.
    private var since = (cycle: 0, tick: 0)

    mutating func set(isDoubled: Bool, at cycle: Int) {
        since = (cycle, tick(of: cycle))
        cyclesPerTick = isDoubled ? 2 : 1
    }

    func tick(of cycle: Int) -> Int { since.tick + (cycle - since.cycle) / cyclesPerTick }

    /// The first cycle of a tick, which may be `Int.max`.
    func cycle(of tick: Int) -> Int {
        let (cycles, overflow) = (tick - since.tick).multipliedReportingOverflow(by: cyclesPerTick)
        guard !overflow, cycles < .max - since.cycle else { return .max }
        return since.cycle + cycles
    }

    /// The tick in which a cycle is over.
    func tick(after cycle: Int) -> Int { since.tick + (cycle - since.cycle + cyclesPerTick - 1) / cyclesPerTick }
}
