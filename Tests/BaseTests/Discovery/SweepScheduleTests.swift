import Testing
import UnitProtocol

@testable import Base

/// The sweep on a clock that the test moves.
@Suite struct SweepScheduleTests {
    private func schedule(_ networks: [String], rate: Int, period: Duration = .seconds(60)) throws -> SweepSchedule {
        var settings = DiscoverySettings()
        settings.networks = try networks.map { try IPv4Network($0) }
        settings.rate = rate
        settings.period = period
        return SweepSchedule(settings)
    }

    /// Runs a schedule whose attempts take `length` each; gives what was tried when, in milliseconds.
    private func run(
        _ schedule: inout SweepSchedule, until end: Duration, length: Duration
    ) -> [(at: Int, address: String)] {
        var tried: [(at: Int, address: String)] = []
        var ends: [Duration] = []
        var wake: Duration? = .zero
        while let next = ([wake].compactMap { $0 } + ends).min(), next <= end {
            let actions: [SweepSchedule.Action]
            if wake == next {
                wake = nil
                actions = schedule.wake(at: next)
            } else {
                ends.removeFirst()
                actions = schedule.finished(at: next)
            }
            for action in actions {
                switch action {
                case .probe(let address):
                    tried.append((next.milliseconds, "\(address)"))
                    ends.append(next + length)
                case .wake(let moment):
                    wake = moment
                }
            }
        }
        return tried
    }

    @Test("one address after the other, at the rate, without network and broadcast address, and anew after the period")
    func order() throws {
        var schedule = try schedule(["10.0.0.0/29"], rate: 10)
        let tried = run(&schedule, until: .seconds(61), length: .milliseconds(250))
        let round = (1...6).map { "10.0.0.\($0)" }
        #expect(tried.map(\.address) == round + round)
        #expect(tried.map(\.at) == [0, 100, 200, 300, 400, 500, 60_000, 60_100, 60_200, 60_300, 60_400, 60_500])
    }

    @Test("networks that overlap, and single addresses, are tried once; a network of two has no address to leave out")
    func overlap() throws {
        let schedule = try schedule(["10.0.0.0/30", "10.0.0.0/29", "10.0.1.4/31", "10.0.2.7"], rate: 1)
        #expect(
            schedule.addresses.map(\.description)
                == (1...6).map { "10.0.0.\($0)" } + ["10.0.1.4", "10.0.1.5", "10.0.2.7"])
    }

    @Test("a sweep that takes longer than its period is followed by the next at once, and none begins before its end")
    func slow() throws {
        var schedule = try schedule(["10.0.0.0/31"], rate: 1000, period: .seconds(60))
        let tried = run(&schedule, until: .seconds(100), length: .seconds(70))
        #expect(tried.map(\.at) == [0, 1, 70_001, 70_002])
    }

    @Test("attempts that hang hold the rate back: no more of them at once than the limit")
    func bounded() throws {
        var schedule = try schedule(["10.0.0.0/16"], rate: 1000)
        let tried = run(&schedule, until: .milliseconds(2999), length: .seconds(1))
        #expect(tried.count == 3 * SweepSchedule.concurrency)
    }

    @Test("a whole /16 at 20 a second takes 55 minutes, and no second has more than 20 attempts")
    func wide() throws {
        var schedule = try schedule(["10.0.0.0/16"], rate: 20, period: .seconds(3600))
        let tried = run(&schedule, until: .seconds(3500), length: .seconds(2))
        #expect(tried.count == 65_534)
        #expect(tried.last?.at == 65_533 * 50)
        #expect(Dictionary(grouping: tried) { $0.at / 1000 }.values.map(\.count).max() == 20)
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
