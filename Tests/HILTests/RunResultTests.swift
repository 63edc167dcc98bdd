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
        let ended: Set<Verdict> = [.interrupted, .notRun]
        let codes = Verdict.allCases.filter { !ended.contains($0) }.map(\.exitCode)
        #expect(Set(codes + [130]).count == Verdict.allCases.count - 1)
        #expect(Verdict.interrupted.exitCode == 130 && Verdict.notRun.exitCode == 130)
        #expect(Set(Verdict.worstFirst) == Set(Verdict.allCases))
        #expect(run().exitCode(allowing: []) == 0)
        #expect(run(.passed, .skipped).exitCode(allowing: []) == 5)
        #expect(run(.skipped, .flaky, .passed).exitCode(allowing: []) == 3)
        #expect(run(.flaky, .infrastructure).exitCode(allowing: []) == 4)
        #expect(run(.infrastructure, .failed, .flaky).exitCode(allowing: []) == 1)
        // Whoever ended it knows that it has not come to its end.
        #expect(run(.passed, .failed, .interrupted, .notRun).exitCode(allowing: Set(Verdict.allCases)) == 130)
        #expect(run(.passed, .notRun).exitCode(allowing: Set(Verdict.allCases)) == 130)
    }

    @Test func `a failure stands, whatever comes after it but a pass`() {
        func of(_ verdicts: Verdict...) -> String {
            let (verdict, reason) = Verdict.of(verdicts.enumerated().map { ($1, $1 == .passed ? nil : "why \($0)") })
            return "\(verdict.word): \(reason ?? "-")"
        }
        #expect(of(.passed) == "passed: -")
        #expect(of(.failed, .passed) == "flaky: why 0")
        #expect(of(.failed, .failed) == "failed: why 1")
        #expect(of(.infrastructure) == "infrastructure: why 0")
        #expect(of(.failed, .infrastructure) == "failed: why 0; attempt 2 came to infrastructure: why 1")
        #expect(of(.failed, .failed, .interrupted) == "failed: why 1; attempt 3 came to interrupted: why 2")
        #expect(of(.interrupted) == "interrupted: why 0")
    }

    @Test func `flaky and skipped may be allowed, and nothing else`() {
        let all = Set(Verdict.allCases)
        #expect(run(.skipped, .flaky, .passed).exitCode(allowing: all) == 0)
        #expect(run(.skipped, .flaky).exitCode(allowing: [.skipped]) == 3)
        #expect(run(.skipped, .skipped).exitCode(allowing: all) == 5)
        #expect(run(.infrastructure, .skipped).exitCode(allowing: all) == 4)
        #expect(run(.failed).exitCode(allowing: all) == 1)
    }
}
