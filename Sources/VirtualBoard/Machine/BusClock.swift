/// The clock of the bus, which the timers count: 80 MHz once the PLL is set.
struct BusClock {
    private(set) var megahertz: Int
    /// When that began.
    private var since = (count: 0, tick: 0)

    /// - Parameter megahertz: From tick 0 on.
    init(megahertz: Int = Self.ticksPerMicrosecond) {
        self.megahertz = megahertz
    }

    private static let ticksPerMicrosecond = Machine.frequency / 1_000_000

    mutating func set(megahertz new: Int, at tick: Int) {
        guard new != megahertz else { return }
        since = (count(at: tick), tick)
        megahertz = new
    }

    /// How far it has counted in a tick.
    func count(at tick: Int) -> Int { since.count + (tick - since.tick) * megahertz / Self.ticksPerMicrosecond }

    /// The first tick in which it has counted so far.
    func tick(of count: Int) -> Int {
        since.tick + ((count - since.count) * Self.ticksPerMicrosecond + megahertz - 1) / megahertz
    }

    /// How long so many of its clocks take, from now on (ticks).
    func ticks(for count: Int) -> Int { (count * Self.ticksPerMicrosecond + megahertz - 1) / megahertz }
}
