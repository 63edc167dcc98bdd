import Settings

/// Whether a sensor measures as often as it should, in the mean, so that one late measurement on a busy machine says nothing:
/// `step: {name: mean-pause, unit: sensor, count: 10, least: 600ms, most: 2s}`.
///
/// Waits until so many pauses between measurements have come to the hub, and divides the time from the first to the last by them.
struct MeanPause: CustomStep {
    static let name = "mean-pause"

    func perform(on stage: Stage, arguments: [String: String]) async throws {
        let unit = arguments["unit"] ?? ""
        let heard = try stage.measurements(of: unit)
        let count = arguments["count"].flatMap { Int($0) } ?? 10
        guard (1...100_000).contains(count) else { throw HILError.failed("count is not from 1 to 100000") }
        let least = arguments["least"].flatMap(Duration.init(settingsText:)) ?? .zero
        let most = arguments["most"].flatMap(Duration.init(settingsText:)) ?? .seconds(86_400)
        try await stage.hub.catchUp()
        let place = heard.end
        let found: [HubMeasurement]
        do {
            found = try await awaited(every: .milliseconds(50)) {
                let found = heard.from(place).map(\.element)
                return found.count > count ? found : nil
            }
        } catch is CancellationError {
            throw HILError.failed(
                "the hub has \(max(0, heard.from(place).count - 1)) of \(count) pauses between measurements of \(unit)")
        }
        let mean = Duration.milliseconds(found[count].at - found[0].at) / count
        stage.bench.tell(.runner, Self.name, "\(count) pauses of \(unit), \(mean.stamp) s in the mean")
        guard least <= mean, mean <= most else {
            throw HILError.failed(
                "\(unit) measures every \(mean.stamp) s in the mean, not every \(least.stamp) to \(most.stamp) s")
        }
    }
}
