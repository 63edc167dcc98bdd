import Testing

@testable import Hub

@Suite struct FrameRateTests {
    @Test("as many as the limit in a second are taken, and again in the next one")
    func limit() {
        var rate = FrameRate(limit: 3)
        let now = ContinuousClock.now
        let taken = (0..<5).map { rate.takes(at: now + .milliseconds(200 * $0)) }
        #expect(taken == [true, true, true, false, false])
        let next = rate.takes(at: now + .seconds(1))
        #expect(next)
    }
}
