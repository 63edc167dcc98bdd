import TestSupport
import Testing

@testable import Hub

/// Whole numbers as ranges.
struct SequenceRangesTests {
    @Test("Numbers in any order make the fewest ranges, and are known exactly: as a set knows them")
    func asASet() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<50 {
            var (ranges, model) = (SequenceRanges(), Set<Int64>())
            var number: Int64 = 50
            for _ in 0..<150 {
                // Mostly the next one, as a base counts.
                let isNext = Int.random(in: 0..<3, using: &random) > 0
                number = isNext ? number + 1 : Int64.random(in: 0..<100, using: &random)
                #expect(ranges.contains(number) == model.contains(number))
                ranges.insert(number)
                model.insert(number)
            }
            for number: Int64 in -1...300 { #expect(ranges.contains(number) == model.contains(number)) }
            let gaps = zip(ranges.ranges, ranges.ranges.dropFirst()).map { $1.lowerBound - $0.upperBound }
            #expect(gaps.allSatisfy { $0 > 1 })
            #expect(ranges.ranges.reduce(0) { $0 + $1.count } == model.count)
        }
    }

    @Test("What is at the ends and between is joined")
    func joined() {
        var ranges = SequenceRanges()
        for number: Int64 in [5, 1, 9, 0, 10, 7, 6, 8, 5] { ranges.insert(number) }
        #expect(ranges.ranges == [0...1, 5...10])
        ranges.removeLowestRange()
        #expect(ranges.ranges == [5...10])
        #expect(!ranges.contains(1) && ranges.contains(10) && !ranges.contains(11))
        ranges.removeLowestRange()
        ranges.removeLowestRange()
        #expect(ranges.ranges == [])
    }

    @Test("Ranges that are read may stand in any order, touch and overlap")
    func read() {
        #expect(SequenceRanges([8...9, 1...4, 3...3, 4...6, 7...7]).ranges == [1...9])
        #expect(SequenceRanges([0...0, Int64.max...Int64.max]).ranges == [0...0, Int64.max...Int64.max])
        #expect(SequenceRanges([]).ranges == [])
    }
}
