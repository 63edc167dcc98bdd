/// How long things took: counts in classes that widen with the value, so that a few kilobytes hold any number of values.
///
/// Sixteen classes for each doubling from 16 µs to 19 h: a quantile is told too high by at most a sixteenth. Below 16 µs
/// each microsecond has its own class; above 19 h all is one.
struct LatencyHistogram: Equatable, Sendable {
    private static let classesPerDoubling = 16
    private static let highestDoubling = 35
    private static let classCount = classesPerDoubling * (highestDoubling - 2)

    private(set) var count = 0
    private(set) var sum = Duration.zero
    private(set) var max = Duration.zero
    private var classes = [Int](repeating: 0, count: Self.classCount)

    /// Counts a value; a negative one as none.
    mutating func record(_ value: Duration) {
        let value = Swift.max(value, .zero)
        count += 1
        sum += value
        max = Swift.max(max, value)
        classes[Self.classIndex(of: value)] += 1
    }

    /// The value that this part of all values do not exceed; nil while there are none.
    ///
    /// - Parameter part: From 0 to 1: 0.5 for the median, 0.99 for the 99th percentile.
    func quantile(_ part: Double) -> Duration? {
        guard count > 0 else { return nil }
        let rank = Swift.max(1, Int((Double(count) * part).rounded(.up)))
        var seen = 0
        for (index, number) in classes.enumerated() {
            seen += number
            if seen >= rank { return index == Self.classCount - 1 ? max : min(max, Self.upperEnd(ofClass: index)) }
        }
        return max
    }

    private static func classIndex(of value: Duration) -> Int {
        let parts = value.components
        let whole = parts.seconds.multipliedReportingOverflow(by: 1_000_000)
        let limit = (Int64(1) << (highestDoubling + 1)) - 1
        guard !whole.overflow, whole.partialValue < limit else { return classCount - 1 }
        let microseconds = min(limit, whole.partialValue + parts.attoseconds / 1_000_000_000_000)
        guard microseconds >= classesPerDoubling else { return Int(microseconds) }
        let doubling = 63 - microseconds.leadingZeroBitCount
        let within = Int(microseconds >> (doubling - 4)) & (classesPerDoubling - 1)
        return (doubling - 3) * classesPerDoubling + within
    }

    /// The largest value of a class, in whole microseconds, and what is left of the last one.
    private static func upperEnd(ofClass index: Int) -> Duration {
        guard index >= classesPerDoubling else { return .microseconds(index + 1) }
        let doubling = index / classesPerDoubling + 3
        let within = index % classesPerDoubling
        return .microseconds((classesPerDoubling + within + 1) << (doubling - 4))
    }
}
