/// Whole numbers, kept as the ranges that they make: a base counts its measurements up, so they are few.
///
/// What lies beside the number that came last is found at once, anything else by halving.
struct SequenceRanges: Equatable, Sendable {
    /// Ascending, with a gap between each two.
    private(set) var ranges: [ClosedRange<Int64>]
    /// Where the number stands that was inserted last; a hint.
    private var latest = 0

    init() {
        ranges = []
    }

    /// - Parameter ranges: In any order; they may touch and overlap.
    init(_ ranges: [ClosedRange<Int64>]) {
        self.ranges = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = self.ranges.last, range.lowerBound - 1 <= last.upperBound else {
                self.ranges.append(range)
                continue
            }
            self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        }
    }

    func contains(_ number: Int64) -> Bool {
        let index = place(of: number)
        return index < ranges.count && ranges[index].lowerBound <= number
    }

    mutating func insert(_ number: Int64) {
        let index = place(of: number)
        latest = index
        if index < ranges.count, ranges[index].lowerBound <= number { return }
        let followsOne = index > 0 && ranges[index - 1].upperBound == number - 1
        let precedesOne = index < ranges.count && ranges[index].lowerBound == number + 1
        switch (followsOne, precedesOne) {
        case (true, true):
            ranges[index - 1] = ranges[index - 1].lowerBound...ranges[index].upperBound
            ranges.remove(at: index)
        case (true, false): ranges[index - 1] = ranges[index - 1].lowerBound...number
        case (false, true): ranges[index] = number...ranges[index].upperBound
        case (false, false): ranges.insert(number...number, at: index)
        }
    }

    mutating func removeLowestRange() {
        if !ranges.isEmpty { ranges.removeFirst() }
    }

    /// The index of the first range that does not end before `number`.
    private func place(of number: Int64) -> Int {
        for index in latest...latest + 1 where isPlace(index, of: number) { return index }
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isPlace(_ index: Int, of number: Int64) -> Bool {
        guard index <= ranges.count else { return false }
        return (index == 0 || ranges[index - 1].upperBound < number)
            && (index == ranges.count || ranges[index].upperBound >= number)
    }
}
