import Testing

@testable import Up

@Suite struct RestartBudgetTests {
    @Test("ends in quick succession wait longer each time, then there are no more starts")
    func quickSuccession() {
        var budget = RestartBudget()
        let delays = (0..<6).map { budget.delayAfterEnd(at: .seconds($0)) }
        #expect(
            delays == [
                .milliseconds(250), .milliseconds(500), .milliseconds(1000), .milliseconds(2000), .milliseconds(4000),
                nil,
            ])
    }

    @Test("an end now and then is forgotten after a minute")
    func nowAndThen() {
        var budget = RestartBudget()
        for minute in 0..<100 {
            #expect(budget.delayAfterEnd(at: .seconds(61 * minute)) == .milliseconds(250))
        }
    }
}
