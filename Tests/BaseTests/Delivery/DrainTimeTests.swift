import Testing

@testable import Base

@Suite(.timeLimit(.minutes(5))) struct DrainTimeTests {
    private let clock = OutboxBench.Clock()

    /// How many seconds one waits that asks once in a second of the clock, and is never done.
    private func seconds(_ time: DrainTime, atMost limit: Duration) async -> Int {
        var asked = 0
        await time.wait(atMost: limit) {
            clock.advance(.seconds(1))
            asked += 1
            return false
        }
        return asked
    }

    @Test("each waits for as long as it may, and all together not longer than what is cancelled after")
    func together() async {
        let time = DrainTime(clock: clock.outboxClock)
        #expect(await seconds(time, atMost: .seconds(20)) == 20)
        time.begin()
        #expect(await seconds(time, atMost: .seconds(2)) == 2)
        time.begin()
        #expect(await seconds(time, atMost: .seconds(5)) == 5)
        #expect(await seconds(time, atMost: .seconds(5)) == 2)
        // Asked once, as what is done already needs no time.
        #expect(await seconds(time, atMost: .seconds(5)) == 1)
    }

    @Test("who is done is not waited for")
    func done() async {
        var asked = 0
        await DrainTime().wait(atMost: .seconds(3600)) {
            asked += 1
            return asked == 3
        }
        #expect(asked == 3)
    }

    @Test("a cancelled task asks once, and does not turn round and round")
    func cancelled() async {
        let asked = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await seconds(DrainTime(clock: clock.outboxClock), atMost: .seconds(1000))
        }.value
        #expect(asked == 1)
    }
}
