import Testing

@testable import HIL

@Suite struct EntryBudgetTests {
    @Test func `a run of many cases keeps no more than its room, and what did not pass has its own`() {
        var budget = EntryBudget(passed: .init(ofAnAttempt: 30, ofAll: 50), others: .init(ofAnAttempt: 80, ofAll: 100))
        let passed = SampleRun.result("p", nil, .passed, attempts: [SampleRun.attempt(at: 0, .passed, noise: 91)])
        let failed = SampleRun.result("f", nil, .failed, attempts: [SampleRun.attempt(at: 0, .failed("x"), noise: 89)])
        let kept = [passed, passed, failed, passed, failed, failed].map { budget.keep($0) }
        #expect(kept.map { $0.attempts[0].entries.count } == [30, 20, 80, 0, 20, 0])
        #expect(kept.map { $0.attempts[0].omitted } == [70, 80, 20, 100, 80, 100])
        #expect(kept.map(\.verdict) == [.passed, .passed, .failed, .passed, .failed, .failed])
        #expect(kept[2].attempts[0].steps == failed.attempts[0].steps)
    }

    @Test func `what there is room for stays whole`() {
        var budget = EntryBudget()
        for one in SampleRun.run.cases { #expect(budget.keep(one) == one) }
    }
}
