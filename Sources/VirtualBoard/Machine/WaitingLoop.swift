import LX106

/// A loop that a program goes around until time, or something from outside, lets it out.
///
/// It is known by trying: once around must bring the CPU back to the same instruction without having changed anything but
/// registers, and either to the same registers, or (where it looks at a clock) to registers that depend on that look alone. So
/// to pass over many turns of it gives what each of them would have given.
struct WaitingLoop {
    /// Its instructions in the order in which they run; it begins with the first.
    var path: [UInt32]
    /// Of once around (cycles).
    var period: Int
    /// Whether it looks at a clock, so that it may be left at any turn.
    var isTimed: Bool

    /// Of one look for it (instructions).
    static let longestPath = 400
    /// Of once around, where it looks at a clock (cycles).
    static let longestPeriod = 2_000
    /// With less time than this until something happens it is as quick to run on (cycles).
    static let shortestPause = 2_500
    /// What a turn that is made step by step costs about as much as (cycles).
    static let cost = 2_000
    /// How far a loop that looks at a clock is passed over at once (cycles): 100 us.
    static let longestTimedStep = 8_000
}

extension Machine {
    private struct Turn {
        var path: [UInt32]
        var readsTime: Bool
        var reachesDevices: Bool
    }

    /// Lets time pass in a loop that waits, at most until shortly before `next`.
    ///
    /// - Returns: False when it does not wait, or there is too little time left for one more turn.
    func passWaiting(to next: Int) -> Bool {
        if let loop = pace.loop, pace.isWaiting, loop.path.first == processor.pc { return pass(loop, to: next) }
        guard let loop = findLoop() else {
            pace.didNotWait(at: processor.cycles)
            return false
        }
        pace.didWait(at: processor.cycles)
        pace.loop = loop
        // What is found with fast timing goes on with the owner's clock.
        return timing == .fast ? true : pass(loop, to: next)
    }

    private func findLoop() -> WaitingLoop? {
        let before = processor.snapshot
        let begin = processor.cycles
        guard let first = goAround() else { return nil }
        let middle = processor.snapshot
        let between = processor.cycles
        guard let second = goAround(along: first.path) else { return nil }
        let after = processor.snapshot
        let end = processor.cycles
        let readsTime = first.readsTime || second.readsTime
        if !readsTime {
            return after == middle
                ? WaitingLoop(path: first.path, period: end - between, isTimed: false) : nil
        }
        guard !first.reachesDevices, !second.reachesDevices, end - begin < WaitingLoop.longestPeriod else { return nil }
        // From other registers at the same time: only what time gives may be left of them.
        processor.snapshot = before
        processor.spend(cycles: between - end)
        let isSame = goAround(along: first.path) != nil && processor.snapshot == after
        processor.snapshot = after
        processor.spend(cycles: end - processor.cycles)
        return isSame ? WaitingLoop(path: first.path, period: end - between, isTimed: true) : nil
    }

    private func pass(_ loop: WaitingLoop, to next: Int) -> Bool {
        let turns = (next - processor.cycles) / loop.period - 3
        guard turns > 0 else { return false }
        guard loop.isTimed else {
            processor.spend(cycles: turns * loop.period)
            // One turn is made, for what it does again and again, such as feeding the watchdog.
            guard goAround(along: loop.path) != nil else {
                pace.didNotWait(at: processor.cycles)
                return false
            }
            return true
        }
        var step = min(turns, max(1, WaitingLoop.longestTimedStep / loop.period)) * loop.period
        while step >= loop.period {
            let (before, begin) = (processor.snapshot, processor.cycles)
            processor.spend(cycles: step)
            // The first may have looked at the clock before; only the second has seen how late it is.
            if goAround(along: loop.path) != nil, goAround(along: loop.path) != nil { return true }
            processor.snapshot = before
            processor.spend(cycles: begin - processor.cycles)
            step /= 2
        }
        pace.somethingHappened()
        return false
    }

    /// Steps once around, from `pc` back to it.
    ///
    /// - Parameter path: The way that it must take; it is left off before the first instruction that is another one.
    /// - Returns: Nil when it did not come back, or has changed something; it is then somewhere on its way.
    private func goAround(along path: [UInt32]? = nil) -> Turn? {
        let head = processor.pc
        let (effectsBefore, timeReadsBefore) = (effects, timeReads)
        var turn = Turn(path: [], readsTime: false, reachesDevices: false)
        var words: [UInt32: UInt32] = [:]
        while turn.path.count < path?.count ?? WaitingLoop.longestPath {
            if let path, path[turn.path.count] != processor.pc { return nil }
            guard !processor.breakpoints.contains(processor.pc) else { return nil }
            turn.path.append(processor.pc)
            let foresight = processor.foresight
            if foresight.readsTime { turn.readsTime = true }
            if let address = foresight.store {
                if let word = memory.word(address & ~3) {
                    if words[address & ~3] == nil { words[address & ~3] = word }
                } else {
                    turn.reachesDevices = true
                }
            }
            switch processor.step() {
            case .trap(let address):
                pace.resumesAt = nil
                call(address, before: processor.cycles)
                if pace.resumesAt != nil { return nil }
            case .budget, .paused: break
            case .waiting, .breakpoint: return nil
            }
            guard effects == effectsBefore, halt == nil, reset == nil else { return nil }
            guard processor.pc == head else { continue }
            if let path, turn.path.count < path.count { continue }
            guard words.allSatisfy({ memory.word($0.key) == $0.value }) else { return nil }
            turn.readsTime = turn.readsTime || timeReads != timeReadsBefore
            return turn
        }
        return nil
    }
}
