import Settings

/// Whether the units that a base reads again after an outage come back in a time, and not all at once: `step: {name:
/// reconnect-spread, least: 50ms, most: 5s}`.
///
/// Restores the network of all read units, waits until each one's console has said `Client Connected` since then, and looks at how
/// far apart the first and the last are.
struct ReconnectSpread: CustomStep {
    static let name = "reconnect-spread"

    private static let keys = ["least", "most"]

    static func problems(in arguments: [String: String]) -> [CustomStepProblem] {
        let unknown = arguments.keys.sorted().filter { !keys.contains($0) }.map { key in
            CustomStepProblem(
                key: key, message: "is not a key that is known here; known are: name, \(keys.joined(separator: ", "))")
        }
        let wrong = keys.filter { key in arguments[key].map { Duration(settingsText: $0) == nil } ?? false }.map {
            key in
            CustomStepProblem(key: key, message: "must be a time such as 250ms or 5s, not \"\(arguments[key] ?? "")\"")
        }
        guard unknown.isEmpty, wrong.isEmpty else { return unknown + wrong }
        let (least, most) = bounds(arguments)
        return least <= most
            ? [] : [CustomStepProblem(key: "least", message: "is more than most, \(most.settingsText)")]
    }

    private static func bounds(_ arguments: [String: String]) -> (least: Duration, most: Duration) {
        (
            arguments["least"].flatMap(Duration.init(settingsText:)) ?? .zero,
            arguments["most"].flatMap(Duration.init(settingsText:)) ?? .seconds(30)
        )
    }

    func perform(on stage: Stage, arguments: [String: String]) async throws {
        let (least, most) = Self.bounds(arguments)
        var times: [Duration] = []
        let consoles = stage.units.filter { stage.kinds[$0.key] == .read }.mapValues { ($0.console, $0.console.end) }
        for name in consoles.keys { await stage.cable(to: name)?.set(.restored) }
        for (_, (console, place)) in consoles {
            let found = try await awaited { console.first(from: place) { $0 == "Client Connected" } }
            times.append(found.entry.time)
        }
        guard let first = times.min(), let last = times.max() else {
            throw HILError.failed("there is no read unit")
        }
        let spread = last - first
        stage.bench.tell(.runner, "reconnect-spread", "\(times.count) units within \(spread.stamp) s")
        guard least <= spread, spread <= most else {
            throw HILError.failed(
                "the units were connected within \(spread.stamp) s, not from \(least.stamp) to \(most.stamp) s")
        }
    }
}
