import Testing

@testable import PeerLink

struct AttemptRateTests {
    @Test("so many are let in at once, and then so many a second")
    func rate() {
        var rate = AttemptRate(perSecond: 4, at: .zero)
        func admitted(_ milliseconds: [Int]) -> [Bool] {
            milliseconds.map { rate.admits(at: .milliseconds($0)) }
        }
        #expect(admitted([0, 0, 0, 0, 0]) == [true, true, true, true, false])
        #expect(admitted([200, 250, 300, 500]) == [false, true, false, true])
        #expect(admitted([10_000, 10_000, 10_000, 10_000, 10_000]) == [true, true, true, true, false])
    }
}
