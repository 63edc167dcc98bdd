import Testing

@testable import Base

@Suite struct TokenBucketTests {
    @Test("a full bucket gives its burst at once, and then one token after the other")
    func burst() {
        var bucket = TokenBucket(rate: 10, burst: 3)
        let moments = (0..<6).map { _ in bucket.take(1, at: .seconds(5)) - .seconds(5) }
        #expect(moments == [0, 0, 0, 100, 200, 300].map { Duration.milliseconds($0) })
    }

    @Test("tokens come back with time, up to the burst and no further")
    func refill() {
        var bucket = TokenBucket(rate: 10, burst: 3)
        #expect(bucket.take(3, at: .zero) == .zero)
        #expect(bucket.take(1, at: .milliseconds(100)) == .milliseconds(100))
        #expect(bucket.take(1, at: .milliseconds(100)) == .milliseconds(200))
        #expect(bucket.take(4, at: .seconds(60)) == .milliseconds(60_100))
    }

    @Test("more than a bucket holds is taken on credit: the next ones wait for it")
    func credit() {
        var bucket = TokenBucket(rate: 100, burst: 10)
        #expect(bucket.take(60, at: .zero) == .milliseconds(500))
        #expect(bucket.take(0, at: .milliseconds(100)) == .milliseconds(500))
        #expect(bucket.take(1, at: .milliseconds(600)) == .milliseconds(600))
    }

    @Test("ten thousand attempts to connect are spread at the rate, a tenth of a second's at once")
    func dials() {
        let dials = DialRate(rate: 500)
        let moments = (0..<10_000).map { _ in dials.reserve(at: .seconds(7)) - .seconds(7) }
        #expect(moments.prefix(50).allSatisfy { $0 == .zero })
        #expect(moments == moments.sorted())
        #expect(moments.last == .milliseconds((10_000 - 50) * 2))
        let busiest = (0..<20).map { second in moments.filter { $0.components.seconds == second }.count }.max()
        #expect(busiest == 549)
    }

    @Test("an attempt a second is possible")
    func slowest() {
        let dials = DialRate(rate: 1)
        #expect((0..<3).map { _ in dials.reserve(at: .zero) } == [.zero, .seconds(1), .seconds(2)])
    }
}
