import Foundation
import Synchronization

/// Runs cases on a rig, as many at once as boards and options allow.
actor SuiteRun {
    private let cases: [SuiteCase]
    private let rig: RigFile
    private let options: RunOptions
    private let iot: URL
    private let follower: any ProgressFollower
    private let prompt: any Prompt
    private let origin = ContinuousClock.now
    private let addresses = AddressPool()
    private var results: [Int: CaseResult] = [:]
    private var schedule: CaseSchedule
    private let perform: @Sendable (CaseRunner) async -> CaseRunner.Outcome
    private var budget = EntryBudget()
    private var warnings: [String] = []
    private var hasWarnedOfTranscripts = false
    /// Of a run with many rounds that was interrupted no more of those that are left are listed.
    private static let mostNotRun = 1000

    /// - Parameter perform: What an attempt at a case is.
    init(
        cases: [SuiteCase], rig: RigFile, options: RunOptions, iot: URL, follower: any ProgressFollower,
        prompt: any Prompt, perform: @escaping @Sendable (CaseRunner) async -> CaseRunner.Outcome = { await $0.run() }
    ) {
        let all = (0..<options.count).flatMap { round in
            cases.map { suiteCase in
                guard options.count > 1 else { return suiteCase }
                var named = suiteCase
                named.name += " #\(round + 1)"
                return named
            }
        }
        self.cases = all
        schedule = CaseSchedule(all.map(\.given), on: rig.boards, jobs: options.jobs)
        self.perform = perform
        self.rig = rig
        self.options = options
        self.iot = iot
        self.follower = follower
        self.prompt = prompt
    }

    func run() async -> RunResult {
        let started = Date()
        StateFolder.removeForgotten()
        follower.on(.planned(cases.map(\.name)))
        await withTaskGroup(of: (Int, CaseResult).self) { group in
            let boards = Dictionary(uniqueKeysWithValues: rig.boards.map { ($0.name, $0) })
            while true {
                if Task.isCancelled { schedule.end() }
                while let turn = schedule.next() {
                    switch turn {
                    case .skip(let index, let why): skip(index, why)
                    case .play(let index, let names):
                        group.addTask { [self] in (index, await play(index, names.compactMapValues { boards[$0] })) }
                    }
                }
                guard let (index, result) = await group.next() else { break }
                schedule.ended(index)
                results[index] = budget.keep(result)
                if options.untilFailure, [.failed, .infrastructure, .flaky].contains(result.verdict) { schedule.end() }
            }
        }
        if Task.isCancelled { leaveWaiting() }
        let result = RunResult(
            rig: rig.name, started: started, duration: ContinuousClock.now - origin, command: options.command,
            cases: results.sorted { $0.key < $1.key }.map(\.value), warnings: warnings)
        follower.on(.finished(result))
        return result
    }

    private func skip(_ index: Int, _ why: String) {
        let suiteCase = cases[index]
        results[index] = result(of: suiteCase, boards: [:], .skipped, why, [])
        follower.on(.ended(case: suiteCase.name, .skipped, reason: why, .zero))
    }

    /// Tells of those whose turn does not come any more.
    private func leaveWaiting() {
        for index in schedule.waiting.prefix(Self.mostNotRun) {
            results[index] = result(
                of: cases[index], boards: [:], .notRun, "the run was interrupted before its turn", [])
        }
        if schedule.waiting.count > Self.mostNotRun {
            warnings.append(
                "\(schedule.waiting.count - Self.mostNotRun) more cases were not run, as the run was interrupted")
        }
    }

    private func result(
        of suiteCase: SuiteCase, boards: [String: RigBoard], _ verdict: Verdict, _ reason: String?,
        _ attempts: [CaseAttempt]
    ) -> CaseResult {
        CaseResult(
            suite: suiteCase.suite, file: suiteCase.file, name: suiteCase.name, variables: suiteCase.variables,
            boards: boards.mapValues(\.name), verdict: verdict, reason: reason, attempts: attempts)
    }

    private func play(_ index: Int, _ boards: [String: RigBoard]) async -> CaseResult {
        let suiteCase = cases[index]
        let start = ContinuousClock.now
        var attempts: [CaseAttempt] = []
        var outcomes: [(verdict: Verdict, reason: String?)] = []
        // Over all attempts: what was seen of a board at the first is of use for the next.
        let locks: [BoardLock]
        do {
            locks = try await take(boards, for: suiteCase)
        } catch is CancellationError {
            let why = "the run was interrupted"
            follower.on(.ended(case: suiteCase.name, .interrupted, reason: why, .zero))
            return result(of: suiteCase, boards: boards, .interrupted, why, [])
        } catch {
            follower.on(.ended(case: suiteCase.name, .infrastructure, reason: "\(error)", .zero))
            return result(of: suiteCase, boards: boards, .infrastructure, "\(error)", [])
        }
        defer { for lock in locks { lock.release() } }
        for number in 1...options.retries + 1 {
            follower.on(.started(case: suiteCase.name, attempt: number))
            let (outcome, attempt) = await attempt(index, boards, number: number)
            attempts.append(attempt)
            outcomes.append((outcome.verdict, outcome.reason))
            guard outcome.verdict == .failed, !Task.isCancelled else { break }
        }
        let (verdict, reason) = Verdict.of(outcomes)
        follower.on(.ended(case: suiteCase.name, verdict, reason: reason, ContinuousClock.now - start))
        return result(of: suiteCase, boards: boards, verdict, reason, attempts)
    }

    /// Locks the boards, all or none; tries again as long as the options say.
    private func take(_ boards: [String: RigBoard], for suiteCase: SuiteCase) async throws -> [BoardLock] {
        let known = BoardNames()
        let names = Set(boards.values.flatMap(known.of)).sorted()
        let deadline = ContinuousClock.now + options.boardWait
        while true {
            let refusal: BoardLockError
            switch BoardLock.takeAll(
                names, folder: options.lockFolder, owner: suiteCase.name, expires: longest(suiteCase))
            {
            case .success(let locks): return locks
            case .failure(let error): refusal = error
            }
            guard refusal.isOfAnotherRun, ContinuousClock.now < deadline else { throw refusal }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// What a case may take with all its attempts, and with the start and end of its parts.
    private func longest(_ suiteCase: SuiteCase) -> Duration {
        (suiteCase.limit + CaseRunner.aroundSteps) * (options.retries + 1)
    }

    /// Once in a run: what is true of one disk is true of all transcripts on it.
    private func warnOfTranscripts(_ problem: String) {
        guard !hasWarnedOfTranscripts else { return }
        hasWarnedOfTranscripts = true
        warnings.append("transcripts are incomplete: \(problem)")
    }

    private func attempt(
        _ index: Int, _ boards: [String: RigBoard], number: Int
    ) async -> (CaseRunner.Outcome, CaseAttempt) {
        let suiteCase = cases[index]
        var output: (url: URL, path: String)?
        do {
            output = try options.output?.transcriptFolder(case: suiteCase.name, number: index, attempt: number)
        } catch {
            warnOfTranscripts("\(error)")
        }
        let (name, follower) = (suiteCase.name, follower)
        let start = ContinuousClock.now - origin
        let journal = Journal(origin: origin, folder: output?.url) { follower.on(.entry(case: name, $0)) }
        var outcome: CaseRunner.Outcome
        do {
            let state = try StateFolder()
            defer { state.remove() }
            let bench = Bench(
                journal: journal, origin: origin, iot: iot, state: state.url, addresses: addresses, prompt: prompt)
            outcome = await perform(
                CaseRunner(
                    suiteCase: suiteCase, boards: boards, rig: rig, bench: bench,
                    progress: { follower.on($0) }, customSteps: CustomSteps.byName))
        } catch {
            outcome = CaseRunner.Outcome(verdict: .infrastructure, reason: "\(error)", steps: [])
        }
        journal.close()
        if let problem = journal.transcriptProblem() { warnOfTranscripts(problem) }
        let attempt = CaseAttempt(
            verdict: outcome.verdict, reason: outcome.reason, steps: outcome.steps, start: start,
            duration: ContinuousClock.now - origin - start,
            entries: journal.entries(),
            leftOut: journal.leftOut(), transcripts: journal.transcripts().map { "\(output?.path ?? "")/\($0)" })
        return (outcome, attempt)
    }
}
