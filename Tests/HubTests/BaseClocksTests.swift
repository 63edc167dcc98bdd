import Testing

@testable import Hub

/// When measurements were taken.
struct BaseClocksTests {
    private static let now: Int64 = 1_750_000_000_000
    private static let year: Int64 = 365 * 86_400_000

    private func moment(
        at: Int64?, age: Int64?, run: BaseRun? = BaseRun(high: 1, low: 2), now: Int64 = Self.now,
        _ clocks: BaseClocks = BaseClocks()
    ) -> Int64 {
        clocks.moment(.init(at: at, age: age), run: run, now: Timestamp(milliseconds: now)).milliseconds - Self.now
    }

    @Test("clocks that agree: the base's time counts, whatever the way took, and never the future")
    func agreement() {
        #expect(moment(at: Self.now - 500, age: 300) == -500)
        #expect(moment(at: Self.now - 5000, age: 3500) == -5000)
        #expect(moment(at: Self.now + 1500, age: 0) == 0)
        #expect(moment(at: Self.now - 3_600_000, age: 3_600_000) == -3_600_000)
    }

    @Test("clocks that differ: corrected by one difference in a run, so that order is kept; again when it changes")
    func difference() {
        let clocks = BaseClocks()
        let wrong = Self.now - Self.year
        #expect(moment(at: wrong, age: 0, clocks) == 0)
        // Taken 10 ms later, and 90 ms more on the way.
        #expect(moment(at: wrong + 10, age: 0, now: Self.now + 100, clocks) == 10)
        #expect(moment(at: wrong + 20, age: 500, now: Self.now + 560, clocks) == 20)
        #expect(moment(at: wrong - 60_000, age: 60_000, clocks) == -60_000)
        // Its clock is set right.
        #expect(moment(at: Self.now + 900, age: 0, now: Self.now + 1000, clocks) == 900)
        // Set to a year ahead.
        #expect(moment(at: Self.now + Self.year, age: 0, now: Self.now + 2000, clocks) == 2000)
        #expect(moment(at: Self.now + Self.year + 5, age: 0, now: Self.now + 2900, clocks) == 2005)
    }

    @Test("clocks that agree, and a request that is long on its way: nothing is corrected or changes its place")
    func slowRequest() {
        let clocks = BaseClocks()
        #expect(moment(at: Self.now, age: 0, now: Self.now + 5, clocks) == 0)
        #expect(moment(at: Self.now + 10, age: 0, now: Self.now + 3010, clocks) == 10)
        #expect(moment(at: Self.now + 20, age: 3000, now: Self.now + 3030, clocks) == 20)
        // Without a quicker one before it, it is taken for a difference until there is one.
        let others = BaseClocks()
        #expect(moment(at: Self.now, age: 0, now: Self.now + 3000, others) == 3000)
        #expect(moment(at: Self.now + 3500, age: 0, now: Self.now + 3510, others) == 3500)
        #expect(moment(at: Self.now + 3600, age: 0, now: Self.now + 6600, others) == 3600)
    }

    @Test("a difference about as large as what is taken for right: one way or the other, not now so and now so")
    func atTolerance() {
        let clocks = BaseClocks()
        let wrong = Self.now - 1990
        let moments = [5, 20, 8, 30, 6].enumerated().map { index, way in
            let at = Int64(index) * 100
            return moment(at: wrong + at, age: 0, now: Self.now + at + Int64(way), clocks)
        }
        #expect(moments == [-1990, -1890, -1790, -1690, -1590])
    }

    @Test("a clock that is set back in the middle of a run is found when the difference is more than a request takes")
    func setBack() {
        let clocks = BaseClocks()
        #expect(moment(at: Self.now, age: 0, clocks) == 0)
        #expect(moment(at: Self.now - 59_000, age: 0, clocks) == -59_000)
        #expect(moment(at: Self.now - Self.year, age: 0, now: Self.now + 100, clocks) == 100)
        #expect(moment(at: Self.now - Self.year + 10, age: 0, now: Self.now + 190, clocks) == 110)
    }

    @Test("one of the two alone; nonsense is now")
    func alone() {
        #expect(moment(at: nil, age: 250) == -250)
        #expect(moment(at: Self.now - 250, age: nil) == -250)
        #expect(moment(at: Self.now + 60_000, age: nil) == 0)
        #expect(moment(at: nil, age: nil) == 0)
        #expect(moment(at: nil, age: -1) == 0)
        for extreme in [Int64.min, Int64.max] {
            #expect(moment(at: extreme, age: nil) == 0)
            #expect(moment(at: nil, age: extreme) == 0)
            #expect(moment(at: extreme, age: extreme) == 0)
            #expect(moment(at: extreme, age: 5) == 0)
            #expect(moment(at: Self.now, age: extreme) == 0)
        }
    }

    @Test("without a run each measurement is corrected by itself")
    func nameless() {
        let clocks = BaseClocks()
        #expect(moment(at: 0, age: 7, run: nil, clocks) == -7)
        #expect(moment(at: 0, age: 9, run: nil, clocks) == -9)
    }
}
