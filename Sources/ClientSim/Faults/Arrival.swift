import Foundation

/// When the units of a fleet, or of a cohort, get power.
public indirect enum Arrival: Hashable, Sendable {
    case atOnce
    /// As another arrival, so much later.
    case later(Duration, Arrival)
    /// Evenly over a time, the first at its beginning.
    case linear(over: Duration)
    /// So many together, and after each pause so many more.
    case steps(units: Int, every: Duration)
    /// At random, so many a second on average.
    case poisson(perSecond: Double)
}

/// The times of units one after the other: the same for the same seed.
struct ArrivalTimes {
    private let arrival: Arrival
    private let start: Duration
    private let count: Int
    private var random: SplitMix64
    private var index = 0
    private var seconds = 0.0

    init(_ arrival: Arrival, count: Int, seed: UInt64) {
        if case .later(let start, let rest) = arrival {
            (self.start, self.arrival) = (start, rest)
        } else {
            (start, self.arrival) = (.zero, arrival)
        }
        self.count = count
        random = SplitMix64(seed: seed)
    }

    /// When the next unit gets power, after the start of the run.
    mutating func next() -> Duration {
        defer { index += 1 }
        switch arrival {
        case .atOnce, .later: return start
        case .linear(let span): return start + span * index / max(count, 1)
        case .steps(let units, let pause): return start + pause * (index / units)
        case .poisson(let rate):
            seconds -= log(1 - Double.random(in: 0..<1, using: &random)) / rate
            return start + .milliseconds(seconds * 1000)
        }
    }
}

/// The times of a whole fleet: cohorts with an arrival of their own by themselves, the others together.
struct FleetArrivals {
    private let layout: FleetLayout
    private var common: ArrivalTimes
    private var own: [Int: ArrivalTimes] = [:]

    init(_ fleet: FleetFile) {
        layout = fleet.layout
        let others = layout.cohorts.reduce(0) { $0 + ($1.arrival == nil ? $1.count : 0) }
        common = ArrivalTimes(fleet.arrival, count: others, seed: fleet.seed)
        for (place, cohort) in layout.cohorts.enumerated() {
            guard let arrival = cohort.arrival else { continue }
            let seed = SplitMix64.output(place, seed: fleet.seed)
            own[place] = ArrivalTimes(arrival, count: cohort.count, seed: seed)
        }
    }

    /// When a unit gets power, after the start of the run. To be asked for each unit of the fleet, in their order.
    mutating func next(cohort: Int) -> Duration { own[cohort]?.next() ?? common.next() }
}
