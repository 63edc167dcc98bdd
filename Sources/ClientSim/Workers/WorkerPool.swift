import Daemon
import Foundation
import Synchronization

/// A fleet in several processes, each with a part of the units that it alone knows: the limit of descriptors is a process's.
///
/// A worker that ends ends the run; the workers end with this process, which holds their stdin.
final class WorkerPool: FleetHost {
    private struct Waiting {
        var partial = WorkerAnswer(id: 0)
        var reply: CheckedContinuation<WorkerAnswer, any Error>
    }

    private struct State {
        var ids = 0
        /// By worker and number of the request.
        var waiting: [[Int]: Waiting] = [:]
        /// How workers have opened, before somebody asked.
        var opened: [Int: WorkerAnswer] = [:]
        var ended: [Int: String] = [:]
        /// Those that have not answered in time, and have said nothing since.
        var silent: Set<Int> = []
    }

    private static let openLimit = Duration.seconds(120)
    /// For what a running worker answers at once, be the machine as busy as it may. Less than ``Daemon/drainLimit``, after
    /// which nobody hears any more what the end has found out.
    private static let answerLimit = Duration.seconds(8)
    private static let stopLimit = Duration.seconds(10)

    private let path: String
    private let fleet: FleetFile
    private let shard: Shard
    private let workers: Int
    private let consoleDirectory: String?
    private let logArguments: [String]
    private let interest: UnitInterest
    private let listener: FleetEngine.Listener
    private let state = Mutex(State())
    private let children = Mutex<[ChildProcess]>([])
    private let failed: AsyncStream<FleetError>
    private let fail: AsyncStream<FleetError>.Continuation

    init(
        path: String, fleet: FleetFile, shard: Shard, workers: Int, consoleDirectory: String?, interest: UnitInterest,
        logArguments: [String], listener: FleetEngine.Listener
    ) {
        self.logArguments = logArguments
        self.path = path
        self.fleet = fleet
        self.shard = shard
        self.workers = workers
        self.consoleDirectory = consoleDirectory
        self.interest = interest
        self.listener = listener
        (failed, fail) = AsyncStream.makeStream(of: FleetError.self)
    }

    func open() async throws -> [Int] {
        // A worker that has ended is told of by its end, not by a signal to this process.
        signal(SIGPIPE, SIG_IGN)
        let executable = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        for worker in 0..<workers {
            let child = try ChildProcess(
                name: "worker \(worker + 1)", executable: executable, arguments: ["sim", "worker"] + logArguments,
                environment: ProcessInfo.processInfo.environment.merging(["MALLOC_ARENA_MAX": "1"]) { $1 },
                linesKept: 100_000)
            children.withLock { $0.append(child) }
            try child.send(line: try order(worker))
            follow(child, worker)
        }
        try await each { pool, worker in
            let answer = try await pool.answer([worker, Self.opening], within: Self.openLimit) {}
            if let error = answer.error { throw FleetError.worker(error) }
        }
        // Only a unit by itself has a port that is not known before.
        return shard.numbers(of: fleet.layout.count).map { fleet.layout.cohorts[fleet.layout.cohort(of: $0)].port }
    }

    /// The number of the answer that nobody has asked for.
    private static let opening = 0

    private func order(_ worker: Int) throws -> String {
        let part = shard.part(worker, of: workers)
        return try json(
            WorkerOrder(
                file: path, sum: fleet.sum, shardIndex: part.index, shardCount: part.count,
                consoleDirectory: consoleDirectory, interest: interest.rawValue))
    }

    private func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    /// Takes what a worker says until its end.
    private func follow(_ child: ChildProcess, _ worker: Int) {
        Task { [self] in
            for await line in child.lines { take(line, of: worker) }
            let status = await child.waitForEnd() ?? "unknown"
            let waiting = state.withLock { state in
                state.ended[worker] = status
                let keys = state.waiting.keys.filter { $0[0] == worker }
                return keys.compactMap { state.waiting.removeValue(forKey: $0) }
            }
            let error = FleetError.workerEnded(worker: "\(worker + 1)/\(workers)", status: status)
            for one in waiting { one.reply.resume(throwing: error) }
            fail.yield(error)
        }
    }

    private func take(_ line: String, of worker: Int) {
        _ = state.withLock { $0.silent.remove(worker) }
        switch WorkerLine(line) {
        case .report(let number, let event): listener.report(number, event)
        case .problem(let number, let why): listener.problem(number, FleetError.worker(why))
        case .answer(let json):
            guard let answer = try? JSONDecoder().decode(WorkerAnswer.self, from: Data(json.utf8)) else { return }
            take(answer, of: worker)
        case nil: break
        }
    }

    private func take(_ answer: WorkerAnswer, of worker: Int) {
        let key = [worker, answer.id]
        let done: (CheckedContinuation<WorkerAnswer, any Error>, WorkerAnswer)? = state.withLock { state in
            guard var waiting = state.waiting[key] else {
                // To any other it comes too late.
                if answer.id == Self.opening { state.opened[worker] = answer }
                return nil
            }
            if answer.isPart == true {
                waiting.partial.measured = (waiting.partial.measured ?? []) + (answer.measured ?? [])
                state.waiting[key] = waiting
                return nil
            }
            state.waiting[key] = nil
            var whole = answer
            whole.measured = waiting.partial.measured
            return (waiting.reply, whole)
        }
        if let (reply, whole) = done { reply.resume(returning: whole) }
    }

    /// Waits for an answer, from before it is asked for.
    private func answer(
        _ key: [Int], within limit: Duration, asking ask: @Sendable () throws -> Void
    ) async throws -> WorkerAnswer {
        let worker = key[0]
        let name = "\(worker + 1)/\(workers)"
        let timer = Task { [self] in
            try await Task.sleep(for: limit)
            let waiting = state.withLock { state in
                let waiting = state.waiting.removeValue(forKey: key)
                if waiting != nil { state.silent.insert(worker) }
                return waiting
            }
            waiting?.reply.resume(throwing: FleetError.workerSilent(worker: name, limit: limit))
        }
        defer { timer.cancel() }
        return try await withCheckedThrowingContinuation { reply in
            let result: Result<WorkerAnswer, any Error>? = state.withLock { state in
                if key[1] == Self.opening, let opened = state.opened.removeValue(forKey: worker) {
                    return .success(opened)
                }
                if let status = state.ended[worker] {
                    return .failure(FleetError.workerEnded(worker: name, status: status))
                }
                state.waiting[key] = Waiting(reply: reply)
                return nil
            }
            if let result { return reply.resume(with: result) }
            do {
                try ask()
            } catch {
                state.withLock { $0.waiting.removeValue(forKey: key) }?.reply.resume(throwing: error)
            }
        }
    }

    private func ask(
        _ worker: Int, _ ask: WorkerRequest.Ask, event: String? = nil, within limit: Duration
    ) async throws -> WorkerAnswer {
        let id = state.withLock { state in
            state.ids += 1
            return state.ids
        }
        let request = try json(WorkerRequest(id: id, ask: ask, event: event))
        let child = children.withLock { $0[worker] }
        return try await answer([worker, id], within: limit) { try child.send(line: request) }
    }

    private func each(_ work: @escaping @Sendable (WorkerPool, Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<workers { group.addTask { [self] in try await work(self, worker) } }
            try await group.waitForAll()
        }
    }

    /// The answers of all workers that still give one; one that has been silent is not asked before it says something.
    private func all(_ ask: WorkerRequest.Ask, event: String? = nil) async -> [WorkerAnswer] {
        let silent = state.withLock { $0.silent }
        // While workers are being started there are not all of them.
        let started = children.withLock { $0.count }
        return await withTaskGroup(of: WorkerAnswer?.self) { group in
            for worker in 0..<started where !silent.contains(worker) {
                group.addTask { [self] in try? await self.ask(worker, ask, event: event, within: Self.answerLimit) }
            }
            return await group.reduce(into: []) { answers, answer in answers += answer.map { [$0] } ?? [] }
        }
    }

    func start() async throws {
        try await each { pool, worker in
            if let error = try await pool.ask(worker, .start, within: Self.openLimit).error {
                throw FleetError.worker(error)
            }
        }
    }

    func watch() async throws {
        StartupPages.release()
        for await error in failed { throw error }
    }

    func inject(_ event: FaultEvent) async throws -> Int {
        let answers = await all(.inject, event: event.json)
        if let error = answers.compactMap(\.error).first { throw FleetError.worker(error) }
        guard answers.count == workers else { throw FleetError.silentWorkers(workers - answers.count, of: workers) }
        return answers.reduce(0) { $0 + ($1.count ?? 0) }
    }

    func snapshot() async -> FleetSnapshot {
        var sum = FleetSnapshot()
        let snapshots = await all(.snapshot).compactMap(\.snapshot)
        for snapshot in snapshots { sum.add(snapshot) }
        sum.workers = workers
        sum.silentWorkers = workers - snapshots.count
        return sum
    }

    func halt() async -> [Int: MeasuredLines] {
        var measured: [Int: MeasuredLines] = [:]
        for unit in await all(.halt).flatMap({ $0.measured ?? [] }) where unit.count == 3 {
            measured[unit[0]] = MeasuredLines(own: unit[1], other: unit[2])
        }
        return measured
    }

    func stop() async {
        await withTaskGroup(of: Void.self) { group in
            for (worker, child) in children.withLock({ $0 }).enumerated() {
                group.addTask { [self] in
                    let isSilent = state.withLock { $0.silent.contains(worker) }
                    if !isSilent { _ = try? await ask(worker, .stop, within: .seconds(5)) }
                    await child.stop(within: isSilent ? .zero : Self.stopLimit)
                }
            }
        }
    }
}
