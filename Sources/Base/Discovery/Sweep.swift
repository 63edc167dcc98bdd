import UnitProtocol

/// Tries the addresses of networks: the shell around ``SweepSchedule``.
actor Sweep {
    private var schedule: SweepSchedule
    private let probe: UnitProbe
    private let units: Units
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    /// There is one timer at most; when it is over it says when the next one is due.
    private var isSleeping = false

    init(_ settings: DiscoverySettings, probe: UnitProbe, units: Units) {
        schedule = SweepSchedule(settings)
        self.probe = probe
        self.units = units
        start = clock.now
    }

    /// Sweeps until its task is cancelled, which ends what is under way.
    ///
    /// - Parameter found: Called for each unit that answers.
    func run(found: @escaping @Sendable (IPv4Address, FoundUnit.Kind) async -> Void) async {
        await withTaskGroup(of: Bool.self) { tasks in
            begin(schedule.wake(at: clock.now - start), in: &tasks, found)
            while let wasProbe = await tasks.next(), !Task.isCancelled {
                let now = clock.now - start
                if !wasProbe { isSleeping = false }
                begin(wasProbe ? schedule.finished(at: now) : schedule.wake(at: now), in: &tasks, found)
            }
            tasks.cancelAll()
        }
    }

    private func begin(
        _ actions: [SweepSchedule.Action], in tasks: inout TaskGroup<Bool>,
        _ found: @escaping @Sendable (IPv4Address, FoundUnit.Kind) async -> Void
    ) {
        for action in actions {
            switch action {
            case .probe(let address):
                tasks.addTask { [probe, units] in
                    if let kind = await units.probe(address, { await probe.run(address) }) {
                        await found(address, kind)
                    }
                    return true
                }
            case .wake(let moment):
                guard !isSleeping else { continue }
                isSleeping = true
                tasks.addTask { [clock, start] in
                    try? await clock.sleep(until: start + moment)
                    return false
                }
            }
        }
    }
}
