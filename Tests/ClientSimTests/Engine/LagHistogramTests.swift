import Testing

@testable import ClientSim

@Suite struct LagHistogramTests {
    @Test("quantiles are right to a sixteenth, and the sum of two histograms is that of all values")
    func quantiles() {
        var (one, other, all) = (LagHistogram(), LagHistogram(), LagHistogram())
        for value in 1...10_000 {
            if value % 3 == 0 { one.record(microseconds: value) } else { other.record(microseconds: value) }
            all.record(.microseconds(value))
        }
        one.add(other)
        #expect(one == all)
        for (share, exact) in [(0.5, 5000), (0.99, 9900), (1, 10_000)] {
            #expect((exact...exact + exact / 16).contains(all.quantile(share)))
        }
        #expect(LagHistogram().quantile(0.5) == 0)
        #expect((all.count(upTo: 0), all.count(upTo: 15), all.count(upTo: 20_000)) == (0, 15, 10_000))
    }
}
