import UnitProtocol

/// A fleet on a virtual clock with clients in memory: the same file and seed give the same lines, byte for byte, on every
/// machine and at every speed.
public struct VirtualRun {
    private let fleet: FleetFile
    private let shard: Shard

    public init(_ fleet: FleetFile, shard: Shard = .whole) {
        self.fleet = fleet
        self.shard = shard
    }

    /// Runs for a time of the virtual clock.
    ///
    /// - Parameter print: Gets a line for each event: seconds, unit, what happened. What it throws ends the run.
    public func run(for length: Duration, _ print: @escaping (String) throws -> Void) throws {
        let layout = fleet.layout
        let numbers = Array(shard.numbers(of: layout.count))
        var now = Duration.zero
        var failure: (any Error)?
        func tell(_ number: Int, _ event: String) {
            guard failure == nil else { return }
            do { try print("\(Self.seconds(now)) \(layout.name(of: number)) \(event)") } catch { failure = error }
        }
        let scheduler = FleetScheduler(
            fleet: fleet, shard: shard,
            network: VirtualNetwork(units: numbers.count) { unit, event in tell(numbers[unit], event) },
            interest: [.console, .colors], clock: { now },
            report: { number, event in
                switch event {
                case .console(let line): tell(number, "says " + ConsoleText.escaped(line))
                case .shows(let color): tell(number, "shows \(color)")
                }
            },
            problem: { number, error in tell(number, "cannot: \(error)") })
        _ = try scheduler.open()
        try scheduler.start()
        if let failure { throw failure }
        while now <= length {
            let own = scheduler.nextTick.map { Duration.milliseconds(Int($0)) }
            guard let next = [own, scheduler.network.nextAt].compactMap(\.self).min(), next <= length else { return }
            now = max(next, now)
            scheduler.network.now = now
            scheduler.advance(to: now)
            for unit in scheduler.network.due() {
                switch scheduler.network.move(unit) {
                case .connects: scheduler.clientWaits(unit)
                case .sends: scheduler.readable(unit)
                case nil: break
                }
            }
            while scheduler.hasMore { scheduler.goOn() }
            if let failure { throw failure }
        }
    }

    private static func seconds(_ time: Duration) -> String {
        let milliseconds = Int((time / .milliseconds(1)).rounded())
        let part = String(milliseconds % 1000 + 1000).dropFirst()
        return "\(milliseconds / 1000).\(part)"
    }
}
