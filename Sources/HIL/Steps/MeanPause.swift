import Settings

/// Whether a sensor measures as often as it should, in the mean, so that one late measurement on a busy machine says nothing:
/// `step: {name: mean-pause, unit: sensor, count: 10, least: 600ms, most: 2s}`.
///
/// Waits until so many pauses between measurements have come to the hub, and divides the time from the first to the last by them.
struct MeanPause: CustomStep {
    static let name = "mean-pause"

    struct Arguments: CustomStepArguments {
        let unit: String
        let count: Int
        let bounds: ClosedRange<Duration>

        init(reading arguments: inout StepArguments) {
            unit = arguments.text("unit", "one of the units under given")
            count = arguments.number("count", in: 1...100_000, without: 10)
            bounds = arguments.bounds(without: .seconds(86_400))
        }
    }

    func perform(on stage: Stage, _ wants: Arguments) async throws {
        let (unit, count) = (wants.unit, wants.count)
        let heard = try stage.measurements(of: unit)
        try await stage.hub.catchUp()
        let place = heard.end
        let found: [HubMeasurement]
        do {
            found = try await awaited(every: .milliseconds(50)) {
                let found = heard.from(place).map(\.element)
                return found.count > count ? found : nil
            }
        } catch is CancellationError {
            let seen = max(0, heard.from(place).count - 1)
            throw HILError.failed("the hub has \(seen) of \(count) pauses between measurements of \(unit)")
        }
        let mean = Duration.milliseconds(found[count].at - found[0].at) / count
        stage.bench.tell(.runner, Self.name, "\(count) pauses of \(unit), \(mean.stamp) s in the mean")
        guard wants.bounds.contains(mean) else {
            throw HILError.failed(
                "\(unit) measures every \(mean.stamp) s in the mean, not every \(wants.bounds.lowerBound.stamp) to "
                    + "\(wants.bounds.upperBound.stamp) s")
        }
    }
}
