/// Which units a fault is for: the whole fleet, a cohort or one unit, and of these a share.
public struct FaultTarget: Hashable, Sendable {
    public var cohort: String?
    /// A unit's name.
    public var unit: String?
    /// Of the units that are meant, from 0 to 1; rounded to whole units.
    public var share: Double

    public init(cohort: String? = nil, unit: String? = nil, share: Double = 1) {
        self.cohort = cohort
        self.unit = unit
        self.share = share
    }
}

/// The units that a fault hits, chosen by a seed: every process that asks gets the same ones.
struct FaultSelection: Sendable {
    let units: Range<Int>
    private let hit: Int
    private let order: SeededOrder

    /// - Parameter units: Those that the target means, before its share is taken.
    init(units: Range<Int>, share: Double, seed: UInt64) {
        self.units = units
        hit = Self.count(of: units.count, share: share)
        order = SeededOrder(count: units.count, seed: seed)
    }

    /// How many of so many units a share is.
    static func count(of units: Int, share: Double) -> Int { Int((Double(units) * share).rounded()) }

    func contains(_ unit: Int) -> Bool {
        guard units.contains(unit) else { return false }
        return hit == units.count || order.place(of: unit - units.lowerBound) < hit
    }
}

/// A shuffled order of numbers, of which each can be asked for by itself: a Feistel network of four rounds over the next
/// power of four, walked until the result is in range.
struct SeededOrder: Sendable {
    private let count: Int
    private let halfBits: UInt64
    private let seed: UInt64

    init(count: Int, seed: UInt64) {
        self.count = count
        self.seed = seed
        let bits = UInt64(Int.bitWidth - max(count - 1, 1).leadingZeroBitCount)
        halfBits = (bits + 1) / 2
    }

    /// Where a number from 0 to `count` - 1 stands in the order.
    func place(of number: Int) -> Int {
        var place = UInt64(number)
        repeat { place = encrypted(place) } while place >= UInt64(count)
        return Int(place)
    }

    private func encrypted(_ value: UInt64) -> UInt64 {
        let mask: UInt64 = 1 << halfBits - 1
        var (left, right) = (value >> halfBits, value & mask)
        for round: UInt64 in 1...4 {
            var mix = SplitMix64(seed: seed ^ (round << 56) ^ right)
            (left, right) = (right, left ^ (mix.next() & mask))
        }
        return left << halfBits | right
    }
}
