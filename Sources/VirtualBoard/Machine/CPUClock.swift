/// How many cycles of the CPU make a tick of 80 MHz: one, two after a program has doubled its clock, and less before the PLL is set.
///
/// Source: bit 0 of 0x3FF00014 in the register headers of esp-open-rtos and of the Arduino core. What hangs on the bus goes on
/// at its own pace.
struct CPUClock {
    /// What the ROM believes to be the CPU's clock, as it believes in a crystal of 40 MHz (MHz).
    static let usual: UInt32 = 80

    /// What the ROM believes, and measures its delays with; programs tell it.
    var cyclesPerMicrosecond = Self.usual
    private(set) var megahertz: Int
    /// When that began.
    private var since = (cycle: 0, tick: 0)

    /// - Parameter megahertz: From cycle 0 on.
    init(megahertz: Int = Self.ticksPerMicrosecond) {
        self.megahertz = megahertz
    }

    private static let ticksPerMicrosecond = Machine.frequency / 1_000_000

    mutating func set(megahertz new: Int, at cycle: Int) {
        guard new != megahertz else { return }
        since = (cycle, tick(of: cycle))
        megahertz = new
    }

    /// The tick in which a cycle begins.
    func tick(of cycle: Int) -> Int { since.tick + (cycle - since.cycle) * Self.ticksPerMicrosecond / megahertz }

    /// The first cycle that begins in a tick or later; the tick may be `Int.max`.
    func cycle(of tick: Int) -> Int {
        let (product, overflow) = (tick - since.tick).multipliedReportingOverflow(by: megahertz)
        guard !overflow, product < .max - Self.ticksPerMicrosecond else { return .max }
        let cycles = (product + Self.ticksPerMicrosecond - 1) / Self.ticksPerMicrosecond
        return cycles < .max - since.cycle ? since.cycle + cycles : .max
    }

    /// The tick in which a cycle is over.
    func tick(after cycle: Int) -> Int {
        since.tick + ((cycle - since.cycle) * Self.ticksPerMicrosecond + megahertz - 1) / megahertz
    }
}
