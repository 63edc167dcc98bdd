import Foundation
import Testing

@testable import HIL

@Suite struct ReportDataTests {
    private func run(_ verdicts: [Verdict], lines: Int) -> RunResult {
        let attempt = SampleRun.attempt(at: 0, .failed("x"), noise: lines)
        return RunResult(
            rig: "sim", started: SampleRun.run.started, duration: .seconds(1), command: [],
            cases: verdicts.map { SampleRun.result("s", nil, $0, attempts: [attempt]) })
    }

    @Test func `what a case is comes through as columns`() throws {
        let data = ReportData(SampleRun.run)
        let one = try #require(data.cases[1].attempts.first)
        let entries = SampleRun.run.cases[1].attempts[0].entries
        #expect(one.texts == entries.map(\.text))
        #expect(one.times == entries.map { Int($0.time / .microseconds(1)) })
        #expect(
            one.from.map { one.sources[$0] } == entries.map { [$0.source.kind.rawValue, $0.source.name] })
        #expect(one.weights.count == entries.count)
        #expect(one.weights.filter { $0 != "l" } == "ssnwf")
        #expect(
            one.steps.last
                == ReportData.Step(
                    line: 18, text: "stop base", start: 5_500_000, duration: 0, outcome: "not-run", why: nil))
        #expect(data.cases[1].boards == [["lamp", "desk-lamp"], ["light", "desk-light"]])
        #expect(data.started == "2026-01-31T12:00:00Z")
    }

    @Test func `where there is no room for all, who says little keeps all of it, and who says much the newest`() throws
    {
        let data = ReportData(run([.failed], lines: 1000), mostOfAnAttempt: 100)
        let one = try #require(data.cases[0].attempts.first)
        #expect(one.texts.count == 100)
        #expect(one.omitted == 911)
        // Two steps, a note, a warning and a failure; two lines of the hub, two of the network, one each of base and unit.
        #expect(one.weights.filter { $0 != "l" } == "ssnwf")
        let serial = one.sources.firstIndex(of: ["serial", "lamp"])
        let said = zip(one.from, one.texts).filter { $0.0 == serial }.map(\.1).filter { $0.hasPrefix("tick") }
        #expect(said == (911..<1000).map { "tick \($0): adc 512" })
        #expect(zip(one.from, one.texts).count { $0.0 != serial } == 10)
    }

    @Test func `a page of many cases gives its room first to those that did not pass`() {
        let data = ReportData(run([.passed, .failed, .flaky], lines: 89), mostOfAnAttempt: 90, mostOfAll: 200)
        #expect(data.cases.map { $0.attempts[0].texts.count } == [20, 90, 90])
        #expect(data.cases.map { $0.attempts[0].omitted } == [80, 10, 10])
    }
}
