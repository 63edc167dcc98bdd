import Settings

/// Whether the units that a base reads again after an outage come back in a time, and not all at once: `step: {name:
/// reconnect-spread, rounds: 4, away: 3s, least: 60ms, most: 20s}`.
///
/// In each round the network of all read units refuses for a while (`away`) and is restored; then each one's console says `Client
/// Connected`. The first and the last of them may be apart `most` in each round, and have to be apart `least` in one: what is
/// spread by chance may be together now and then.
struct ReconnectSpread: CustomStep {
    static let name = "reconnect-spread"

    func perform(on stage: Stage, arguments: [String: String]) async throws {
        let rounds = arguments["rounds"].flatMap { Int($0) } ?? 1
        let away = arguments["away"].flatMap(Duration.init(settingsText:)) ?? .seconds(3)
        let most = arguments["most"].flatMap(Duration.init(settingsText:)) ?? .seconds(30)
        let least = arguments["least"].flatMap(Duration.init(settingsText:)) ?? .zero
        let units = stage.units.filter { stage.kinds[$0.key] == .read }
        guard units.count > 1 else { throw HILError.failed("there are not two read units to be apart") }
        guard rounds > 0 else { throw HILError.failed("rounds is not 1 or more") }
        var largest = Duration.zero
        for round in 1...rounds {
            let spread = try await spread(of: units, on: stage, away: away)
            stage.bench.tell(.runner, Self.name, "round \(round): \(units.count) units within \(spread.stamp) s")
            guard spread <= most else {
                throw HILError.failed("the units were connected \(spread.stamp) s apart, more than \(most.stamp) s")
            }
            largest = max(largest, spread)
        }
        guard largest >= least else {
            throw HILError.failed(
                "the units were connected together: in \(rounds) rounds never more than \(largest.stamp) s apart, "
                    + "less than \(least.stamp) s")
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
