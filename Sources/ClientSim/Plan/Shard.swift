/// A part of a fleet: every so-manieth unit, so that each part has some of every cohort.
public struct Shard: Hashable, Sendable, CustomStringConvertible {
    /// From zero on.
    public var index: Int
    public var count: Int

    public static let whole = Shard(index: 0, count: 1)

    public init(index: Int, count: Int) {
        self.index = index
        self.count = count
    }

    /// Reads `2/5`, the second of five.
    ///
    /// - Returns: nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let number = parts[0], let count = parts[1], (1...10_000).contains(count),
            (1...count).contains(number)
        else { return nil }
        self.init(index: number - 1, count: count)
    }

    public var description: String { "\(index + 1)/\(count)" }

    /// Cuts this part into `workers` parts.
    func part(_ worker: Int, of workers: Int) -> Shard {
        Shard(index: index + count * worker, count: count * workers)
    }

    /// The numbers of its units in a fleet of `units`.
    func numbers(of units: Int) -> StrideTo<Int> { stride(from: index, to: units, by: count) }

    func unitCount(of units: Int) -> Int { max(0, (units - index + count - 1) / count) }
}
