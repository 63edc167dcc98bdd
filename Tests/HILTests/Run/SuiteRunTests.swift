import Foundation
import Synchronization
import Testing

@testable import HIL

/// Runs of cases of which an attempt is what a test says.
@Suite(.timeLimit(.minutes(5)))
struct SuiteRunTests {
    private struct Nobody: ProgressFollower {
        func on(_ progress: RunProgress) {}
    }

    /// Who is at work, and who was at work at once.
    private final class Floor: Sendable {
        private let state = Mutex((names: Set<String>(), boards: [String](), most: 0, begun: [String]()))

        func enter(_ runner: CaseRunner) {
            state.withLock { state in
                state.names.insert(runner.suiteCase.name)
                state.begun.append(runner.suiteCase.name)
                state.boards += runner.boards.values.map(\.name)
                state.most = max(state.most, state.names.count)
                #expect(Set(state.boards).count == state.boards.count, "a board is of two cases: \(state.boards)")
            }
        }

        func leave(_ runner: CaseRunner) {
            state.withLock { state in
                state.names.remove(runner.suiteCase.name)
                for board in runner.boards.values {
                    state.boards.remove(at: state.boards.firstIndex(of: board.name) ?? 0)
                }
            }
        }

        var most: Int { state.withLock(\.most) }
        var begun: [String] { state.withLock(\.begun) }
    }

    private static let passed = CaseRunner.Outcome(verdict: .passed, reason: nil, steps: [])
    private static let failed = CaseRunner.Outcome(verdict: .failed, reason: "why", steps: [])

    /// - Parameter kinds: Of each case the kind of its one unit; the rig has two sensors and no lamp.
    private func run(
        _ kinds: [UnitKind], _ options: RunOptions,
        _ perform: @escaping @Sendable (CaseRunner) async -> CaseRunner.Outcome
    ) async throws -> [CaseResult] {
        let rig = try RigFile(
            yaml: "name: r\nboards: {a: {kind: read, driver: simulated}, b: {kind: read, driver: simulated}}\n",
            path: "r")
        let cases = kinds.enumerated().map { number, kind in
            SuiteCase(
                suite: "s", file: "s.yaml", name: "\(number)", variables: [:],
                given: [GivenUnit(name: "unit", kind: kind, abilities: [])], steps: [], limit: .seconds(60))
        }
        let run = SuiteRun(
            cases: cases, rig: rig, options: options, iot: URL(filePath: "/nowhere/iot"), follower: Nobody(),
            prompt: Bench.Nobody(), perform: perform)
        return await run.run().cases
    }

    @Test func `cases are at work together where jobs and boards allow, and never on one board`() async throws {
        let floor = Floor()
        let deadline = ContinuousClock.now + .seconds(60)
        let results = try await run([.read, .read, .read, .read], RunOptions(jobs: 4)) { runner in
            floor.enter(runner)
            // The first two wait for each other, and would wait in vain one after the other.
            while floor.most < 2, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
            floor.leave(runner)
            return floor.most < 2 ? Self.failed : Self.passed
        }
        #expect(results.map(\.verdict) == [.passed, .passed, .passed, .passed])
        #expect(floor.most == 2)
    }

    @Test func `with one job each waits for the one before it`() async throws {
        let floor = Floor()
        _ = try await run([.read, .read, .read], RunOptions()) { runner in
            floor.enter(runner)
            try? await Task.sleep(for: .milliseconds(20))
            floor.leave(runner)
            return Self.passed
        }
        #expect(floor.begun == ["0", "1", "2"])
        #expect(floor.most == 1)
    }

    @Test func `a failure ends a run until a failure, and a skip does not`() async throws {
        let floor = Floor()
        let results = try await run([.lamp, .read, .read, .read], RunOptions(untilFailure: true)) { runner in
            floor.enter(runner)
            floor.leave(runner)
            return runner.suiteCase.name == "2" ? Self.failed : Self.passed
        }
        #expect(results.map(\.verdict) == [.skipped, .passed, .failed])
        #expect(floor.begun == ["1", "2"])
    }

    @Test func `a failed case is tried again, and its attempts tell what each came to`() async throws {
        let floor = Floor()
        let results = try await run([.read, .read], RunOptions(retries: 2)) { runner in
            floor.enter(runner)
            floor.leave(runner)
            let isFirst = floor.begun.count { $0 == runner.suiteCase.name } == 1
            return runner.suiteCase.name == "0" && !isFirst ? Self.passed : Self.failed
        }
        #expect(results.map(\.verdict) == [.flaky, .failed])
        #expect(results.map { $0.attempts.map(\.verdict) } == [[.failed, .passed], [.failed, .failed, .failed]])
        #expect(results.map { $0.attempts.map(\.reason) } == [["why", nil], ["why", "why", "why"]])
    }
}
