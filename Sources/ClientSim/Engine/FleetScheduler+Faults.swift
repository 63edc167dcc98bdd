import UnitProtocol

/// How faults begin, go on and end.
extension FleetScheduler where Network: ~Copyable {
    /// Lets a fault happen that no file has foreseen; its time is now.
    ///
    /// - Returns: How many of these units it is for.
    func inject(_ event: FaultEvent) -> Int {
        var event = event
        event.at = now
        let before = totals.faults[event.fault.kind.rawValue] ?? 0
        timeline.add(event)
        while let step = timeline.next(dueBy: now) { run(step) }
        return (totals.faults[event.fault.kind.rawValue] ?? 0) - before
    }

    func run(_ step: Timeline.Step) {
        guard let units = layout.units(of: step.event.target) else { return }
        let selection = FaultSelection(units: units, share: step.event.target.share, seed: step.seed)
        for unit in slots.indices where selection.contains(Int(slots[unit].number)) {
            if step.isEnd {
                end(step.event.fault, id: step.id, of: unit)
            } else {
                begin(step.event.fault, id: step.id, lasts: !step.event.fault.kind.isMoment, of: unit)
            }
        }
    }

    private func begin(_ fault: Fault, id: Int, lasts: Bool, of unit: Int) {
        totals.faults[fault.kind.rawValue, default: 0] += 1
        let faults = self.faults(of: unit)
        if lasts { faults.begin(fault, id: id) }
        let isPowered = slots[unit].state.contains(.isPowered)
        switch fault {
        case .refuse: network.stopListening(unit)
        case .blackHole: refreshDeafness(unit, faults)
        case .halfOpen: lose(unit, .vanish)
        case .reset: lose(unit, .reset)
        case .reboot(let boot): if isPowered { reboot(unit, faults, boot: boot) }
        case .brownOut(let boot): if isPowered { sag(unit, faults, boot: boot) }
        case .duplicateAddress: changeUnit(unit, faults)
        case .wrongPeriod(let period):
            setRate(layout.cohorts[Int(slots[unit].cohort)].period / period, of: unit, faults)
        case .latency, .slowReader, .garbage, .partial, .oversized: break
        }
        setFaultTimer(unit, faults)
    }

    private func end(_ fault: Fault, id: Int, of unit: Int) {
        guard let faults = slots[unit].faults else { return }
        faults.end(id: id)
        switch fault {
        case .refuse: takeClients(unit)
        case .blackHole:
            refreshDeafness(unit, faults)
            flush(unit)
        case .halfOpen: if !faults.isOff { network.answerVanished(unit) }
        case .brownOut: if !faults.has(.brownOut) { faults.rebootAt = nil }
        case .duplicateAddress:
            if !faults.has(.duplicateAddress) {
                faults.changeAt = nil
                if faults.isOther { lose(unit, .reset) }
                faults.isOther = false
            }
        case .wrongPeriod:
            if case .wrongPeriod(let period) = faults.last(.wrongPeriod) {
                setRate(layout.cohorts[Int(slots[unit].cohort)].period / period, of: unit, faults)
            } else {
                setRate(1, of: unit, faults)
            }
        case .latency, .slowReader: faults.readAt = nil
        case .reset, .reboot, .garbage, .partial, .oversized: break
        }
        setFaultTimer(unit, faults)
        perform(nil, on: unit)
    }

    private func faults(of unit: Int) -> UnitFaults {
        if let faults = slots[unit].faults { return faults }
        let number = UInt64(slots[unit].number)
        let faults = UnitFaults(
            seed: seed ^ (number + 1) &* 0x9E37_79B9, signal: layout.cohorts[Int(slots[unit].cohort)].signal)
        slots[unit].faults = faults
        return faults
    }

    func setFaultTimer(_ unit: Int, _ faults: UnitFaults) {
        if let at = faults.nextAt { setTimer(slots.count + unit, at: at) } else { wheel.cancel(slots.count + unit) }
    }

    /// Does what a unit's faults want done by now.
    func runFaults(_ unit: Int) {
        guard let faults = slots[unit].faults else { return }
        if let at = faults.rebootAt, at <= now, case .brownOut(let boot) = faults.last(.brownOut) {
            sag(unit, faults, boot: boot)
        }
        if let at = faults.changeAt, at <= now { changeUnit(unit, faults) }
        while let first = faults.delayed.first, first.at <= now {
            faults.delayed.removeFirst()
            transmit(first.bytes, owed: first.owed, of: unit)
        }
        if let at = faults.readAt, at <= now { faults.readAt = nil }
        setFaultTimer(unit, faults)
        perform(nil, on: unit)
    }

    private func refreshDeafness(_ unit: Int, _ faults: UnitFaults) {
        network.setDeaf(unit, faults.isOff || faults.has(.blackHole))
    }
}

/// Power that goes and comes, and the other unit at the same address.
extension FleetScheduler where Network: ~Copyable {
    private func reboot(_ unit: Int, _ faults: UnitFaults, boot: Duration) {
        if slots[unit].state.contains(.isConnected) { totals.cuts += 1 }
        disconnect(unit, .vanish)
        slots[unit].state = [.isPowered]
        faults.isOff = true
        refreshDeafness(unit, faults)
        wheel.cancel(unit)
        slots[unit].firmware = plan(unit).makeFirmware(boot: boot)
        perform(.powered, on: unit)
    }

    private func sag(_ unit: Int, _ faults: UnitFaults, boot: Duration) {
        reboot(unit, faults, boot: boot)
        faults.rebootAt = now + boot * (2 * Double.random(in: 0.1..<1, using: &faults.random))
    }

    /// The sketch has come to its loop: what others still think of the time before is over.
    func bootEnded(_ unit: Int, _ faults: UnitFaults) {
        faults.isOff = false
        network.answerVanished(unit)
        network.stopListening(unit)
        refreshDeafness(unit, faults)
    }

    private func changeUnit(_ unit: Int, _ faults: UnitFaults) {
        guard case .duplicateAddress(let change) = faults.last(.duplicateAddress) else { return }
        lose(unit, .reset)
        faults.isOther.toggle()
        faults.changeAt = now + change
    }
}

/// A unit's own time.
extension FleetScheduler where Network: ~Copyable {
    func time(of unit: Int) -> Duration { slots[unit].faults?.clock?.time(at: now) ?? now }

    func realTime(of unit: Int, at time: Duration) -> Duration {
        guard let faults = slots[unit].faults, faults.clock != nil else { return time }
        faults.clock?.wake = time
        return faults.clock?.real(at: time) ?? time
    }

    /// What the firmware is told when its timer has come.
    func wakeTime(_ unit: Int) -> Duration {
        guard let clock = slots[unit].faults?.clock else { return now }
        return max(clock.time(at: now), clock.wake)
    }

    private func setRate(_ rate: Double, of unit: Int, _ faults: UnitFaults) {
        var clock = faults.clock ?? UnitClock(at: now, wake: .milliseconds(Int(wheel.tick(of: unit) ?? 0)))
        clock.run(at: rate, from: now)
        faults.clock = clock
    }
}

/// Reading that is slow or late.
extension FleetScheduler where Network: ~Copyable {
    /// Bytes that have come are not to be seen before their latency is over.
    func holdReading(_ unit: Int, _ faults: UnitFaults) {
        guard faults.readAt == nil, let latency = faults.latency() else { return }
        faults.readAt = now + latency
        setFaultTimer(unit, faults)
    }

    func readingRoom(_ unit: Int, _ faults: UnitFaults) -> Int {
        guard faults.readAt == nil else { return 0 }
        let room = slots[unit].firmware.receiveRoom
        guard case .slowReader(let rate) = faults.last(.slowReader) else { return room }
        return min(room, max(1, rate / 10))
    }

    /// - Returns: What the firmware hears of it.
    func received(_ bytes: [UInt8], _ unit: Int, _ faults: UnitFaults) -> UnitInput {
        if case .slowReader(let rate) = faults.last(.slowReader) {
            faults.readAt = now + .seconds(Double(bytes.count) / Double(rate))
            setFaultTimer(unit, faults)
        }
        // Another unit hears it, of which nothing is to be seen.
        return .received(faults.isOther ? [] : bytes)
    }
}
