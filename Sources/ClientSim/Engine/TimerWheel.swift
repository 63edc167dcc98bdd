/// Timers by number, each at most once in it: to set, to move and to cancel one takes the same short time however many
/// there are.
///
/// Four wheels of 256 places each; a place of a wheel covers a whole turn of the one below. Source: Varghese and Lauck,
/// "Hashed and hierarchical timing wheels" (1987). A tick is whatever its owner makes of it. The order of
/// timers of the same tick depends on nothing but what was set and cancelled when.
struct TimerWheel {
    private static let placeBits: UInt64 = 8
    private static let places = 1 << Int(placeBits)
    private static let levels = 4
    private static let none: Int32 = -1
    private static let unset: Int16 = -1

    private var deadlines: [UInt64]
    private var following: [Int32]
    private var preceding: [Int32]
    private var places: [Int16]
    private var heads: [Int32]
    private var tails: [Int32]
    /// The tick whose timers come next.
    private(set) var current: UInt64 = 0
    private(set) var count = 0

    /// - Parameter timers: How many there are; they are numbered from zero on.
    init(timers: Int) {
        deadlines = Array(repeating: 0, count: timers)
        following = Array(repeating: Self.none, count: timers)
        preceding = following
        places = Array(repeating: Self.unset, count: timers)
        heads = Array(repeating: Self.none, count: Self.levels * Self.places)
        tails = heads
    }

    /// Sets a timer, or moves it. What is due now or was due before comes with the next tick.
    mutating func set(_ timer: Int, at tick: UInt64) {
        cancel(timer)
        deadlines[timer] = max(tick, current + 1)
        append(timer)
        count += 1
    }

    mutating func cancel(_ timer: Int) {
        guard places[timer] != Self.unset else { return }
        remove(timer)
        count -= 1
    }

    /// The tick for which a timer is set.
    func tick(of timer: Int) -> UInt64? { places[timer] == Self.unset ? nil : deadlines[timer] }

    /// When to ask again: no later than the next timer, at times earlier.
    var nextTick: UInt64? {
        guard count > 0 else { return nil }
        let turnEnd = current | UInt64(Self.places - 1)
        var tick = current
        while tick <= turnEnd {
            if heads[Int(tick) & (Self.places - 1)] != Self.none { return tick }
            tick += 1
        }
        return tick
    }

    /// Takes the next timer that is due at `tick` or before; ``current`` is then its tick.
    mutating func next(dueBy tick: UInt64) -> Int? {
        while true {
            let head = heads[Int(current) & (Self.places - 1)]
            if head != Self.none {
                remove(Int(head))
                count -= 1
                return Int(head)
            }
            guard current < tick else { return nil }
            guard count > 0 else {
                current = tick
                return nil
            }
            current += 1
            if current & UInt64(Self.places - 1) == 0 { turn() }
        }
    }

    /// Hands the timers of the place that has come down to the finer wheels.
    private mutating func turn() {
        var level = 1
        while level < Self.levels {
            let place = Int(current >> (Self.placeBits * UInt64(level))) & (Self.places - 1)
            var timer = heads[level * Self.places + place]
            while timer != Self.none {
                let after = following[Int(timer)]
                remove(Int(timer))
                append(Int(timer))
                timer = after
            }
            guard place == 0 else { return }
            level += 1
        }
    }

    private func place(of deadline: UInt64) -> Int {
        // A timer may be due at the tick that is being turned to.
        let ticks = deadline > current ? deadline - current : 0
        var level = 0
        while level < Self.levels - 1, ticks >> (Self.placeBits * UInt64(level + 1)) > 0 { level += 1 }
        // Past the last wheel it waits where it is looked at last, and is put there again.
        let farthest = current + (1 << (Self.placeBits * UInt64(Self.levels))) - 1
        let shown = min(deadline, farthest)
        return level * Self.places + Int(shown >> (Self.placeBits * UInt64(level))) & (Self.places - 1)
    }

    private mutating func append(_ timer: Int) {
        let place = place(of: deadlines[timer])
        let tail = tails[place]
        places[timer] = Int16(place)
        preceding[timer] = tail
        following[timer] = Self.none
        if tail == Self.none { heads[place] = Int32(timer) } else { following[Int(tail)] = Int32(timer) }
        tails[place] = Int32(timer)
    }

    private mutating func remove(_ timer: Int) {
        let (before, after) = (preceding[timer], following[timer])
        let place = Int(places[timer])
        if before == Self.none { heads[place] = after } else { following[Int(before)] = after }
        if after == Self.none { tails[place] = before } else { preceding[Int(after)] = before }
        places[timer] = Self.unset
    }
}
