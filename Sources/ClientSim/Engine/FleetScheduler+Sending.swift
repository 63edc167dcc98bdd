import UnitProtocol

/// How lines get from the firmware to the network.
extension FleetScheduler where Network: ~Copyable {
    /// So much may wait for a slow peer before lines are no longer made larger than they are.
    private static var mostUnsent: Int { 128 * 1024 }

    func send(_ bytes: [UInt8], of unit: Int) {
        guard slots[unit].state.contains(.isConnected) else { return }
        if bytes.last == UInt8(ascii: "\n") { totals.lines += 1 }
        guard let faults = slots[unit].faults else { return transmit(bytes, owed: bytes.count, of: unit) }
        let out = faults.mangled(bytes, mayGrow: slots[unit].unsent.count < Self.mostUnsent)
        let latency = faults.latency()
        guard latency != nil || !faults.delayed.isEmpty else { return transmit(out, owed: bytes.count, of: unit) }
        let at = max(now + (latency ?? .zero), faults.delayed.last?.at ?? .zero)
        faults.delayed.append(.init(at: at, bytes: out, owed: bytes.count))
        setFaultTimer(unit, faults)
    }

    /// - Parameter owed: How many of the firmware's bytes they stand for.
    func transmit(_ bytes: [UInt8], owed: Int, of unit: Int) {
        let isSilent = slots[unit].faults?.has(.blackHole) ?? false
        if slots[unit].unsent.isEmpty, !isSilent {
            let taken = network.send(unit, bytes[...])
            totals.bytes += taken
            if taken == bytes.count { return tell(.sent(owed)) }
            slots[unit].unsent = Array(bytes[taken...])
            slots[unit].owed = owed
            settle(taken, of: unit)
        } else {
            slots[unit].unsent += bytes
            slots[unit].owed += owed
        }
    }

    /// Writes what there was no room for.
    func flush(_ unit: Int) {
        guard slots[unit].state.contains(.isConnected), !slots[unit].unsent.isEmpty,
            !(slots[unit].faults?.has(.blackHole) ?? false)
        else { return }
        let taken = network.send(unit, slots[unit].unsent[...])
        totals.bytes += taken
        slots[unit].unsent = Array(slots[unit].unsent[taken...])
        settle(taken, of: unit)
    }

    private func settle(_ taken: Int, of unit: Int) {
        let count = slots[unit].unsent.isEmpty ? slots[unit].owed : min(taken, slots[unit].owed)
        slots[unit].owed -= count
        if count > 0 { tell(.sent(count)) }
    }
}
