import Settings

/// Whether the units that a base reads again after an outage come back in a time, and not all at once: `step: {name:
/// reconnect-spread, rounds: 4, away: 3s, least: 60ms, most: 20s}`.
///
/// In each round the network of all read units refuses for a while (`away`) and is restored; then each one's console says `Client
/// Connected`. The first and the last of them may be apart `most` in each round, and have to be apart `least` in one: what is
/// spread by chance may be together now and then.
struct ReconnectSpread: CustomStep {
    static let name = "reconnect-spread"

    struct Arguments: CustomStepArguments {
        let rounds: Int
        let away: Duration
        let bounds: ClosedRange<Duration>

        init(reading arguments: inout StepArguments) {
            rounds = arguments.number("rounds", in: 1...1000, without: 1)
            away = arguments.time("away", without: .seconds(3))
            bounds = arguments.bounds(without: .seconds(30))
        }
    }

    func perform(on stage: Stage, _ wants: Arguments) async throws {
        let units = stage.units.filter { stage.kinds[$0.key] == .read }
        guard units.count > 1 else { throw HILError.failed("there are not two read units to be apart") }
        var largest = Duration.zero
        for round in 1...wants.rounds {
            let spread = try await spread(of: units, on: stage, away: wants.away)
            stage.bench.tell(.runner, Self.name, "round \(round): \(units.count) units within \(spread.stamp) s")
            guard spread <= wants.bounds.upperBound else {
                throw HILError.failed(
                    "the units were connected \(spread.stamp) s apart, more than \(wants.bounds.upperBound.stamp) s")
            }
            largest = max(largest, spread)
        }
        guard largest >= wants.bounds.lowerBound else {
            throw HILError.failed(
                "the units were connected together: in \(wants.rounds) rounds never more than \(largest.stamp) s apart, "
                    + "less than \(wants.bounds.lowerBound.stamp) s")
        }
    }

    private func spread(of units: [String: any UnitDriver], on stage: Stage, away: Duration) async throws -> Duration {
        for name in units.keys { try await stage.cable(to: name)?.set(.refused) }
        try await Task.sleep(for: away)
        let places = units.mapValues(\.console.end)
        for name in units.keys { try await stage.cable(to: name)?.set(.restored) }
        var times: [Duration] = []
        for (name, unit) in units {
            let found = try await awaited {
                unit.console.first(from: places[name] ?? 0) { $0 == "Client Connected" }
            }
            times.append(found.entry.time)
        }
        return (times.max() ?? .zero) - (times.min() ?? .zero)
    }
}
