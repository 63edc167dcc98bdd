import UnitProtocol

/// The units of one worker: gives each its inputs at their times and does what its firmware says, on any network and clock.
///
/// Confined to one thread; nothing here waits. Times count from the start of the run in whole milliseconds.
final class FleetScheduler<Network: UnitNetwork & ~Copyable> {
    /// How late a unit may be and still keep its times; one that was held up for longer goes on from then.
    static var longestCatchUp: Int { 100 }
    static var retryPause: Duration { .seconds(1) }
    /// How much a unit reads before others have their turn: a client that never stops would hold them all up.
    static var mostBytesOfTurn: Int { 4096 }

    let layout: FleetLayout
    let seed: UInt64
    var network: Network
    var slots: [UnitSlot] = []
    /// For each unit a timer of its firmware, and after them all one a unit for its faults.
    var wheel: TimerWheel
    var timeline: Timeline
    /// Without the numbers that say how many units are in a state.
    var totals = FleetCounts()
    private(set) var lag = LagHistogram()
    private(set) var now = Duration.zero
    private let interest: UnitInterest
    private let clock: () -> Duration
    private let report: (_ number: Int, UnitReport.Event) -> Void
    private let problem: (_ number: Int, any Error) -> Void
    /// What has happened to the unit that is being worked on, and waits its turn.
    private var inbox: [UnitInput] = []
    private var isWorking = false
    /// What the unit that is being worked on has read in its turn.
    private var bytesOfTurn = 0
    /// Units that have more to read.
    private var waiting: [Int] = []

    /// - Parameters:
    ///   - clock: Since the start of the run.
    ///   - report: What units show, by the unit's number in the fleet; must not block.
    ///   - problem: What a unit could not do, and will try again.
    init(
        fleet: FleetFile, shard: Shard, network: consuming Network, interest: UnitInterest,
        clock: @escaping () -> Duration, report: @escaping (_ number: Int, UnitReport.Event) -> Void,
        problem: @escaping (_ number: Int, any Error) -> Void
    ) {
        layout = fleet.layout
        seed = fleet.seed
        timeline = Timeline(fleet.timeline, seed: fleet.seed)
        self.network = network
        self.interest = interest
        self.clock = clock
        self.report = report
        self.problem = problem
        let count = shard.unitCount(of: layout.count)
        wheel = TimerWheel(timers: 2 * count)
        slots.reserveCapacity(count)
        var arrivals = FleetArrivals(fleet)
        for number in 0..<layout.count {
            let arrival = arrivals.next(cohort: layout.cohort(of: number))
            guard number % shard.count == shard.index else { continue }
            let plan = layout[number]
            slots.append(
                UnitSlot(
                    number: Int32(number), cohort: Int32(layout.cohort(of: number)), firmware: plan.makeFirmware(),
                    signal: SignalGenerator(signal: plan.signal, seed: plan.seed), poweredAt: arrival))
        }
    }

    func plan(_ unit: Int) -> UnitPlan { layout[Int(slots[unit].number)] }

    /// Takes all units' addresses; clients are still refused.
    ///
    /// - Returns: The port of each unit.
    /// - Throws: ``FleetError``.
    func open() throws -> [Int] {
        try slots.indices.map { try network.open($0, plan($0)) }
    }

    /// Begins the run: powers those that are there from the beginning.
    ///
    /// - Throws: ``FleetError`` where a unit cannot listen.
    func start() throws {
        for unit in slots.indices {
            if slots[unit].poweredAt == .zero {
                try listen(unit)
                power(unit)
            } else {
                setTimer(unit, at: slots[unit].poweredAt)
            }
        }
    }

    /// When ``advance(to:)`` is wanted at the latest, in milliseconds; nil when nothing is to come by itself.
    var nextTick: UInt64? {
        [wheel.nextTick, timeline.nextAt.map { $0.ticks }].compactMap(\.self).min()
    }

    /// Does what is due by now.
    func advance(to real: Duration) {
        let tick = UInt64(real / .milliseconds(1))
        while let timer = wheel.next(dueBy: tick) {
            let due = Int(wheel.current)
            now = .milliseconds(max(due, Int(tick) - Self.longestCatchUp))
            if timer < slots.count {
                fire(timer)
                lag.record(clock() - .milliseconds(due))
            } else {
                runFaults(timer - slots.count)
            }
        }
        now = .milliseconds(Int(tick))
        while let step = timeline.next(dueBy: now) { run(step) }
    }

    func setTimer(_ timer: Int, at time: Duration) {
        wheel.set(timer, at: max(time, .zero).ticks)
    }

    private func fire(_ unit: Int) {
        if !slots[unit].state.contains(.isPowered) {
            power(unit)
        } else if slots[unit].state.contains(.pausesAccepting) {
            slots[unit].state.remove(.pausesAccepting)
            takeClients(unit)
        } else {
            perform(.wake, on: unit)
        }
    }

    private func power(_ unit: Int) {
        slots[unit].state.insert(.isPowered)
        slots[unit].poweredAt = now
        perform(.powered, on: unit)
    }

    /// Listens, if nothing is against it.
    func listen(_ unit: Int) throws {
        if slots[unit].faults?.has(.refuse) ?? false { return }
        try network.listen(unit, plan(unit))
    }

    /// Listens for the client that the firmware wants; where that fails, once more a little later.
    func takeClients(_ unit: Int) {
        guard slots[unit].state.contains(.wantsClient) else { return }
        do {
            try listen(unit)
            network.awaitClient(unit)
        } catch {
            pauseAccepting(unit, error)
        }
    }

    private func pauseAccepting(_ unit: Int, _ error: any Error) {
        problem(Int(slots[unit].number), error)
        // The firmware has no timer while it waits for a client.
        slots[unit].state.insert(.pausesAccepting)
        setTimer(unit, at: now + Self.retryPause)
    }

    func clientWaits(_ unit: Int) {
        guard slots[unit].state.contains(.wantsClient) else { return }
        switch network.accept(unit) {
        case .client:
            slots[unit].state.remove(.wantsClient)
            slots[unit].state.insert(.isConnected)
            totals.connects += 1
            perform(.accepted, on: unit)
        case .none:
            network.awaitClient(unit)
        case .failed(let errno):
            totals.failedAccepts += 1
            pauseAccepting(unit, AcceptError(errno: errno))
        }
    }

    func readable(_ unit: Int) {
        guard slots[unit].state.contains(.isConnected) else { return }
        slots[unit].state.insert(.isReadable)
        if let faults = slots[unit].faults { holdReading(unit, faults) }
        perform(nil, on: unit)
    }

    func writable(_ unit: Int) {
        guard slots[unit].state.contains(.isConnected), !slots[unit].unsent.isEmpty else { return }
        flush(unit)
        perform(nil, on: unit)
    }

    /// The connection is broken: what had arrived before is read, if there is room for it.
    func broken(_ unit: Int) {
        readable(unit)
        guard slots[unit].state.contains(.isConnected) else { return }
        lose(unit, .close)
    }

    /// Ends the connection without the firmware's doing.
    func lose(_ unit: Int, _ ending: Ending) {
        guard slots[unit].state.contains(.isConnected) else { return }
        disconnect(unit, ending)
        if ending == .close { totals.ends += 1 } else { totals.cuts += 1 }
        perform(.reset, on: unit)
    }

    func disconnect(_ unit: Int, _ ending: Ending) {
        guard slots[unit].state.contains(.isConnected) else { return }
        network.end(unit, ending)
        slots[unit].state.subtract([.isConnected, .isReadable])
        totals.discardedBytes += slots[unit].unsent.count
        slots[unit].unsent = []
        slots[unit].owed = 0
        slots[unit].faults?.forgetConnection()
    }

    /// Hands an input to the firmware, and then all that it has room for. Inputs that its own actions cause wait their turn.
    func perform(_ input: UnitInput?, on unit: Int) {
        if let input { inbox.append(input) }
        guard !isWorking else { return }
        isWorking = true
        bytesOfTurn = 0
        defer { isWorking = false }
        while let next = inbox.isEmpty ? arrived(unit) : inbox.removeFirst() {
            let time = next == .wake ? wakeTime(unit) : time(of: unit)
            for action in slots[unit].firmware.on(next, at: time) { perform(action, of: unit) }
        }
    }

    /// Whether ``goOn()`` is wanted before anything is waited for.
    var hasMore: Bool { !waiting.isEmpty }

    /// Gives those another turn that had more to read.
    func goOn() {
        let units = waiting
        waiting = []
        for unit in units {
            slots[unit].state.remove(.awaitsTurn)
            perform(nil, on: unit)
        }
    }

    /// Tells the firmware later, after what it hears of now.
    func tell(_ input: UnitInput) { inbox.append(input) }

    private func arrived(_ unit: Int) -> UnitInput? {
        guard slots[unit].state.contains([.isConnected, .isReadable]) else { return nil }
        let room = slots[unit].faults.map { readingRoom(unit, $0) } ?? slots[unit].firmware.receiveRoom
        guard room > 0 else { return nil }
        guard bytesOfTurn < Self.mostBytesOfTurn else {
            if slots[unit].state.insert(.awaitsTurn).inserted { waiting.append(unit) }
            return nil
        }
        switch network.receive(unit, atMost: room) {
        case .bytes(let bytes):
            bytesOfTurn += bytes.count
            guard let faults = slots[unit].faults else { return .received(bytes) }
            return received(bytes, unit, faults)
        case .nothing:
            slots[unit].state.remove(.isReadable)
            return nil
        case .end:
            slots[unit].state.remove(.isReadable)
            return .peerClosed
        case .reset:
            disconnect(unit, .close)
            totals.ends += 1
            return .reset
        }
    }

    private func perform(_ action: UnitAction, of unit: Int) {
        switch action {
        case .accept:
            slots[unit].state.formUnion([.wantsClient, .hasBooted])
            if let faults = slots[unit].faults, faults.isOff { bootEnded(unit, faults) }
            takeClients(unit)
        case .send(let bytes): send(bytes, of: unit)
        case .close:
            if slots[unit].state.contains(.isConnected) { totals.ends += 1 }
            disconnect(unit, .close)
        case .console(let line):
            if interest.contains(.console) { report(Int(slots[unit].number), .console(line)) }
        case .show(let color):
            totals.shows += 1
            if interest.contains(.colors) { report(Int(slots[unit].number), .shows(color)) }
        case .sample: inbox.append(.sampled(sample(unit)))
        case .wake(let time): wake(unit, at: time)
        }
    }

    private func sample(_ unit: Int) -> Int {
        let time = now - slots[unit].poweredAt
        if let faults = slots[unit].faults, faults.isOther { return faults.other.next(at: time) }
        return slots[unit].signal.next(at: time)
    }

    private func wake(_ unit: Int, at time: Duration) {
        let cohort = layout.cohorts[Int(slots[unit].cohort)]
        var due = realTime(of: unit, at: time)
        if cohort.jitter > .zero, time - self.time(of: unit) == cohort.period - cohort.jitter {
            var random = SplitMix64(seed: seed ^ UInt64(slots[unit].number) << 40 ^ UInt64(wheel.current))
            due += cohort.jitter * 2 * (Double(random.next() >> 11) / Double(1 << 53))
        }
        setTimer(unit, at: due)
    }

    /// How many lines each unit has measured whose signal is a counter, by the unit's number.
    var measured: [Int: MeasuredLines] {
        var measured: [Int: MeasuredLines] = [:]
        for slot in slots {
            guard let own = slot.signal.counted else { continue }
            measured[Int(slot.number)] = MeasuredLines(own: own, other: slot.faults?.other.counted ?? 0)
        }
        return measured
    }

    /// All numbers, as they are now.
    var counts: FleetCounts {
        var counts = totals
        counts.units = slots.count
        for slot in slots {
            if slot.state.contains(.isConnected) {
                counts.served += 1
            } else if slot.state.contains(.hasBooted) {
                counts.listening += 1
            } else if slot.state.contains(.isPowered) {
                counts.booting += 1
            } else {
                counts.waiting += 1
            }
            if let faults = slot.faults, faults.isOff || !faults.active.isEmpty { counts.faulty += 1 }
        }
        return counts
    }
}

extension Duration {
    /// The number of the first tick, each of a millisecond, that is not before it.
    fileprivate var ticks: UInt64 {
        let (seconds, attoseconds) = components
        let part: Int64 = 1_000_000_000_000_000
        return UInt64(seconds) * 1000 + UInt64((attoseconds + part - 1) / part)
    }
}

/// Why no client could be taken.
struct AcceptError: Error, CustomStringConvertible {
    var errno: Int32

    var description: String { "error \(errno) of accept" }
}
