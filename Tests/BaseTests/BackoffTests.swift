import Testing

@testable import Base

@Suite struct BackoffTests {
    @Test("pauses double up to the limit, and begin anew when something went well")
    func doubles() {
        var backoff = Backoff(minimum: .seconds(1), maximum: .seconds(30), jitter: 0)
        #expect((0..<7).map { _ in backoff.next() } == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
        #expect(backoff.attempts == 7)
        backoff.reset()
        #expect(backoff.next() == .seconds(1))
        #expect(backoff.pause(after: .max, fraction: 0) == .seconds(30))
    }

    @Test("half of a pause is at random, or all of it where that was asked for")
    func jitter() {
        let half = Backoff(minimum: .seconds(4), maximum: .seconds(60))
        let full = Backoff(minimum: .seconds(4), maximum: .seconds(60), jitter: 1)
        #expect([0, 0.5, 1].map { half.pause(after: 2, fraction: $0) } == [4, 6, 8].map { .seconds($0) })
        #expect([0, 0.5, 1].map { full.pause(after: 2, fraction: $0) } == [0, 4, 8].map { .seconds($0) })
    }
}
