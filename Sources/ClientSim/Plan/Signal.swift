import Foundation

/// What a simulated sensor measures.
///
/// All but `constant`, `replay` and `counter` stay within ``range``, as a real board's analog input does.
public enum Signal: Hashable, Sendable {
    case constant(Int)
    /// A wave over the whole range that starts in the middle.
    case sine(period: Duration)
    /// Starts in the middle; each reading differs from the one before by at most `step`.
    case randomWalk(step: Int)
    /// Any value of the range, each equally likely.
    case uniform
    /// One value after the other, again from the first after the last; never empty.
    case replay([Int])
    /// 0, 1, 2 and so on, also past a reboot: shows what was lost, came twice or out of order.
    case counter

    /// What `analogRead(A0)` gives: a 10-bit converter.
    public static let range = 0...1023
}

/// A signal as it goes on: the same signal and seed give the same readings.
public struct SignalGenerator: Sendable {
    private let signal: Signal
    private var random: SplitMix64
    private var walk = Signal.range.upperBound / 2
    private var replayIndex = 0
    private let counterStart: Int

    public init(signal: Signal, seed: UInt64) {
        self.init(signal: signal, seed: seed, counterStart: 0)
    }

    /// - Parameter counterStart: What `counter` says first.
    init(signal: Signal, seed: UInt64, counterStart: Int) {
        self.signal = signal
        self.counterStart = counterStart
        self.random = SplitMix64(seed: seed)
    }

    /// How many readings a counter has given; nil for other signals.
    var counted: Int? { signal == .counter ? replayIndex : nil }

    /// - Parameter time: Since the unit was powered; moves the wave of `sine`.
    public mutating func next(at time: Duration) -> Int {
        switch signal {
        case .constant(let value):
            return value
        case .sine(let period):
            let middle = Double(Signal.range.upperBound) / 2
            return Int((middle + middle * sin(2 * .pi * (time / period))).rounded())
        case .randomWalk(let step):
            let moved = walk + Int.random(in: -step...step, using: &random)
            walk = min(max(moved, Signal.range.lowerBound), Signal.range.upperBound)
            return walk
        case .uniform:
            return Int.random(in: Signal.range, using: &random)
        case .counter:
            defer { replayIndex += 1 }
            return counterStart + replayIndex
        case .replay(let values):
            defer { replayIndex = (replayIndex + 1) % values.count }
            return values[replayIndex]
        }
    }
}
