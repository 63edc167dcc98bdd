import UnitProtocol

/// Commands: every base hears each of them, and the one that holds the unit acts.
extension Leases {
    /// How long a command waits for its unit to be somebody's, at most.
    private static let settleLimit = Duration.seconds(3)

    /// What is known of a unit that a command is for.
    private enum Fate {
        case mine, another, open
    }

    /// Sends a command if this base holds the unit, or is the one to hold it; else it ends with
    /// ``CommandFailure/elsewhere``. Commands of one unit go in the order of the calls.
    ///
    /// - Parameter finish: Called once, on any thread; must not block.
    nonisolated func send(
        _ command: Command, to address: IPv4Address, finish: @escaping @Sendable (CommandResult) -> Void
    ) {
        let (isDirect, isFirst) = gate.withLock { gate in
            if gate.held.contains(address), !gate.busy.contains(address) { return (true, false) }
            gate.busy.insert(address)
            return (false, gate.waiting.add(HandOver(command: command, finish: finish), to: address))
        }
        if isDirect { return units.send(command, to: address, finish: finish) }
        if isFirst { Task { await settle(address) } }
    }

    /// Finds out whose the unit is, then hands on all commands that wait for that.
    private func settle(_ address: IPv4Address) async {
        let isMine = await isMine(address)
        while let next = next(for: address) {
            if isMine {
                units.send(next.command, to: address, finish: next.finish)
            } else {
                next.finish(.failed(.elsewhere))
            }
        }
    }

    private nonisolated func next(for address: IPv4Address) -> HandOver? {
        gate.withLock { gate in
            let next = gate.waiting.next(for: address)
            if next == nil { gate.busy.remove(address) }
            return next
        }
    }

    /// Nobody may hold the unit for the moment, because it moves or because it was never wanted: then the base acts that
    /// gets it.
    private func isMine(_ address: IPv4Address) async -> Bool {
        guard units.allows(address) else { return isNamed(for: address) }
        let limit = BootClock.now + Self.settleLimit
        while true {
            switch await fate(of: address) {
            case .mine: return true
            case .another: return false
            case .open: break
            }
            guard BootClock.now < limit, (try? await Task.sleep(for: .milliseconds(100))) != nil else { return false }
        }
    }

    private func fate(of address: IPv4Address) async -> Fate {
        guard let lease = term?.lease, isHolding(lease) else { return .another }
        if held[address] != nil { return .mine }
        guard let view else { return .open }
        if let owner = view.units[address] { return owner.lease == lease ? .open : .another }
        // One that is read will be somebody's soon.
        guard isNamed(for: address) else { return wanted.contains(address) ? .open : .another }
        // An answer that does not come tells nothing; what became of it is seen at the next look.
        return (try? await acquire([address], lease)) == true ? .mine : .open
    }

    /// Whether this base is the one of all that acts where no unit's key says which.
    private func isNamed(for address: IPv4Address) -> Bool {
        Rendezvous.first(of: view.map { Array($0.bases.keys) } ?? [], for: address) == name
    }
}
