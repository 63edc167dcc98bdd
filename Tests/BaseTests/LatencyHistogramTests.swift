import Testing

@testable import Base

@Suite struct LatencyHistogramTests {
    @Test("quantiles of a thousand values are those of the sorted list, at most a sixteenth too high")
    func quantiles() throws {
        var histogram = LatencyHistogram()
        let values = (1...1000).map { Duration.microseconds($0 * 137) }
        for value in values.shuffled() { histogram.record(value) }
        for (part, exact) in [(0.0, values[0]), (0.5, values[499]), (0.99, values[989]), (1.0, values[999])] {
            let told = try #require(histogram.quantile(part))
            #expect(told >= exact && told <= exact * 17 / 16 + .microseconds(1), "\(part): \(told), exactly \(exact)")
        }
        #expect(histogram.count == 1000)
        #expect(histogram.max == values[999])
        #expect(histogram.sum == values.reduce(.zero, +))
    }

    @Test("without values there is no quantile; a single one is told as it is")
    func few() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == nil)
        histogram.record(.milliseconds(40))
        #expect(histogram.quantile(0.5) == .milliseconds(40))
    }

    @Test(
        "every class holds its values: from nothing through each doubling to more than the longest",
        arguments: [0, 1, 15, 16, 17, 31, 32, 33, 1 << 20, (1 << 36) - 2, (1 << 36) - 1, 1 << 36, .max] as [Int64])
    func edges(microseconds: Int64) throws {
        var histogram = LatencyHistogram()
        let value = Duration.microseconds(microseconds)
        histogram.record(value)
        histogram.record(value)
        #expect(histogram.quantile(0.5) == value)
        // A second class beyond shows that the first one's end is not below its values.
        histogram.record(value + value + .microseconds(2))
        let told = try #require(histogram.quantile(0.5))
        #expect(told >= min(value, .microseconds((1 << 36) - 1)))
    }

    @Test("a clock that went back counts as no time")
    func negative() {
        var histogram = LatencyHistogram()
        histogram.record(.seconds(-3))
        #expect(histogram.max == .zero && histogram.sum == .zero && histogram.quantile(1) == .zero)
    }
}
