/// How late timers came: counts in buckets a sixteenth of a power of two wide, from 1 µs up.
public struct LagHistogram: Codable, Hashable, Sendable {
    private static let parts = 16
    private static let octaves = 32
    private var counts = [Int](repeating: 0, count: parts * octaves)
    public private(set) var count = 0
    /// The greatest that was recorded, in microseconds.
    public private(set) var maximum = 0

    public init() {}

    public mutating func record(_ lag: Duration) {
        let (seconds, attoseconds) = lag.components
        record(microseconds: Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000))
    }

    mutating func record(microseconds: Int) {
        let value = max(microseconds, 0)
        counts[Self.bucket(value)] += 1
        count += 1
        maximum = max(maximum, value)
    }

    public mutating func add(_ other: LagHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    /// What so much of all is not above, in microseconds, up to a sixteenth too high; zero without any.
    public func quantile(_ share: Double) -> Int {
        var left = Int((Double(count) * share).rounded(.up))
        for (bucket, number) in counts.enumerated() where number > 0 {
            left -= number
            if left <= 0 { return min(Self.top(bucket), maximum) }
        }
        return maximum
    }

    /// How many were not above so many microseconds, but for those in the bucket in which that is.
    func count(upTo microseconds: Int) -> Int {
        counts.indices.prefix { Self.top($0) <= microseconds }.reduce(0) { $0 + counts[$1] }
    }

    private static func bucket(_ value: Int) -> Int {
        guard value >= parts else { return value }
        let octave = Int.bitWidth - 1 - value.leadingZeroBitCount
        return min((octave - 3) * parts + (value >> (octave - 4)) - parts, parts * octaves - 1)
    }

    /// The greatest value of a bucket.
    private static func top(_ bucket: Int) -> Int {
        guard bucket >= parts else { return bucket }
        let octave = bucket / parts + 3
        return (parts + bucket % parts + 1) << (octave - 4) - 1
    }
}
