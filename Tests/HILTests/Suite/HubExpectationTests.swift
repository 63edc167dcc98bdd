import Testing

@testable import HIL

@Suite struct HubExpectationTests {
    private func expectation(
        _ values: HubExpectation.Values, between: ClosedRange<Int>? = nil, apart: ClosedRange<Duration>? = nil,
        lag: Duration? = nil
    ) -> HubExpectation {
        HubExpectation(unit: "s", count: 1, since: .step, values: values, between: between, apart: apart, lag: lag)
    }

    /// Measurements a second apart, each a tenth of a second on its way.
    private func found(_ values: [Int]) -> [HubMeasurement] {
        values.enumerated().map { index, value in
            HubMeasurement(value: "\(value)", at: index * 1000, lag: .milliseconds(100))
        }
    }

    @Test("Values that do not follow each other, lie outside, come late or at another pace are told")
    func wrong() {
        #expect(expectation(.consecutive).wrong(with: found([3, 4, 5])) == nil)
        #expect(expectation(.consecutive).wrong(with: found([3, 5])) == "the hub has 5 after 3, and not the next")
        #expect(expectation(.increasing).wrong(with: found([3, 5])) == nil)
        #expect(expectation(.increasing).wrong(with: found([3, 3])) == "the hub has 3 after 3, which is not more")
        #expect(
            expectation(.any, between: 0...4).wrong(with: found([3, 5])) == "the hub has 5, which is not from 0 to 4")
        #expect(
            expectation(.any, apart: .seconds(2)...Duration.seconds(3)).wrong(with: found([3, 5]))
                == "3 and 5 were measured 1.000 s apart, which is not from 2.000 to 3.000 s")
        #expect(
            expectation(.any, lag: .milliseconds(99)).wrong(with: found([3]))
                == "3 has taken 0.100 s to the hub, more than 0.099 s")
        let text = HubMeasurement(value: "x", at: 0, lag: .zero)
        #expect(expectation(.any).wrong(with: [text]) == "the hub has a measurement that is no number: x")
    }

    @Test("Times of the hub's API are milliseconds, there and back")
    func times() {
        #expect(HubTime.milliseconds("1970-01-01T00:00:01.500Z") == 1500)
        #expect(HubTime.text(1_700_000_000_123) == "2023-11-14T22:13:20.123Z")
        #expect(HubTime.milliseconds("yesterday") == nil)
    }
}
