import LX106

/// What a debugger does to the CPU.
extension Machine {
    struct Debugging {
        var isAttached = false
        /// The CPU stands still, across resets as well.
        var isHeld = false
        /// Why, until the debugger was told; nil where it has asked for it itself.
        var stop: Stop?
        /// Routines of the ROM that wait, and are called again for that reason alone, by their caller's stack.
        fileprivate var waits: [UInt32: UInt32] = [:]
        private static let mostWaits = 32

        mutating func note(_ routine: UInt32, waits: Bool, stack: UInt32) {
            guard isAttached else { return }
            if self.waits.count >= Self.mostWaits { self.waits = [:] }
            self.waits[stack] = waits ? routine : nil
        }
    }

    /// The CPU stands still from the owner's time `now` on, and what it was late with is not made up for.
    func hold(at now: Duration) {
        debugging.isHeld = true
        if tick(at: now) > ticks { origin = now - Self.duration(of: ticks) }
    }

    /// The CPU runs again. What was known of the program no longer counts: its memory may be another one.
    func letGo() {
        debugging.isHeld = false
        pace = Pace()
    }

    func meetBreakpoint(_ address: UInt32) {
        debugging.isHeld = true
        debugging.stop = .breakpoint(address: address)
    }

    /// Whether a routine of the ROM is gone on with there: it was met already when it began.
    func isTakenUp(_ address: UInt32) -> Bool { debugging.waits[processor[1]] == address }

    /// One instruction, or one routine of the ROM up to where it waits; a CPU that waits waits until something happens, 50 ms
    /// at most.
    ///
    /// - Returns: The bytes that are out on the wire, each with its speed.
    func step() -> [(byte: UInt8, baud: Int)] {
        var sent: [(byte: UInt8, baud: Int)] = []
        meetDevices(&sent)
        guard halt == nil, reset == nil else { return sent }
        let cycles = processor.cycles
        let furthest = ticks + tick(at: origin + Self.longestSleep)
        let next = max(cycles + 1, clock.cycle(of: min(nextEvent ?? furthest, furthest)))
        switch trace?.step(processor) ?? processor.step() {
        case .trap(let address): call(address, before: next)
        case .waiting: processor.spend(cycles: next - processor.cycles)
        case .budget, .paused, .breakpoint: break
        }
        pace.passes = 0
        meetDevices(&sent)
        return sent
    }
}
