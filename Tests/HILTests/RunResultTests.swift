import Foundation
import Testing

@testable import HIL

@Suite struct RunResultTests {
    private func run(_ verdicts: Verdict...) -> RunResult {
        RunResult(
            rig: "sim", started: Date(timeIntervalSince1970: 0), duration: .zero, command: [],
            cases: verdicts.map {
                CaseResult(
                    suite: "s", file: "s.yaml", name: "s", variables: [:], boards: [:], verdict: $0, reason: nil,
                    attempts: [])
            })
    }

    @Test func `each verdict has an exit code of its own, and the worst one is the run's`() {
        #expect(Set(Verdict.allCases.map(\.exitCode)).count == Verdict.allCases.count)
        #expect(Set(Verdict.worstFirst) == Set(Verdict.allCases))
        #expect(run().exitCode(allowing: []) == 0)
        #expect(run(.passed, .skipped).exitCode(allowing: []) == 5)
        #expect(run(.skipped, .flaky, .passed).exitCode(allowing: []) == 3)
        #expect(run(.flaky, .infrastructure).exitCode(allowing: []) == 4)
        #expect(run(.infrastructure, .failed, .flaky).exitCode(allowing: []) == 1)
    }

    @Test func `flaky and skipped may be allowed, and nothing else`() {
        let all = Set(Verdict.allCases)
        #expect(run(.skipped, .flaky, .passed).exitCode(allowing: all) == 0)
        #expect(run(.skipped, .flaky).exitCode(allowing: [.skipped]) == 3)
        #expect(run(.infrastructure, .skipped).exitCode(allowing: all) == 4)
        #expect(run(.failed).exitCode(allowing: all) == 1)
    }
}
