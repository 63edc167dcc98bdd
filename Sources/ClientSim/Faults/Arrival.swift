import Foundation

/// When the units of a fleet get power.
public enum Arrival: Hashable, Sendable {
    case atOnce
    /// Evenly over a time, the first at its beginning.
    case linear(over: Duration)
    /// So many together, and after each pause so many more.
    case steps(units: Int, every: Duration)
    /// At random, so many a second on average.
    case poisson(perSecond: Double)
}

/// The times of a fleet's units one after the other: the same for the same seed.
struct ArrivalTimes {
    private let arrival: Arrival
    private let count: Int
    private var random: SplitMix64
    private var index = 0
    private var seconds = 0.0

    init(_ arrival: Arrival, count: Int, seed: UInt64) {
        self.arrival = arrival
        self.count = count
        random = SplitMix64(seed: seed)
    }

    /// When the next unit gets power, after the start of the run.
    mutating func next() -> Duration {
        defer { index += 1 }
        switch arrival {
        case .atOnce: return .zero
        case .linear(let span): return span * index / max(count, 1)
        case .steps(let units, let pause): return pause * (index / units)
        case .poisson(let rate):
            seconds -= log(1 - Double.random(in: 0..<1, using: &random)) / rate
            return .milliseconds(seconds * 1000)
        }
    }
}
