import Testing

@testable import Base

@Suite struct RequestStatisticsTests {
    @Test("ends and refusals are counted by kind, and only what was acknowledged has a latency")
    func counts() {
        var statistics = RequestStatistics()
        statistics.count(.acknowledged, took: .milliseconds(5))
        statistics.count(.acknowledged, took: .milliseconds(9))
        statistics.count(.failed(.expired), took: .seconds(10))
        statistics.count(.failed(.notConnected), took: .seconds(10))
        statistics.count(.unreadable, 3)
        statistics.count(.unreadable)
        statistics.count(.notEncrypted)
        #expect(statistics.outcomes == [.acknowledged: 2, .expired: 1, .failed: 1])
        #expect(statistics.refusals == [.unreadable: 4, .notEncrypted: 1])
        #expect(statistics.latency.count == 2)
        #expect(statistics.latency.max == .milliseconds(9))
    }
}
