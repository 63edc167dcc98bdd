import Settings
import Synchronization

/// The longest that something may take.
enum TimeLimit {
    /// What a work whose time is over has for the end of its programs and connections.
    static let usualGrace = Duration.seconds(10)

    /// Runs `work`, whose task is cancelled when the time is over, or when the caller's is.
    ///
    /// Returns when limit and grace are over at the latest: a work that has not ended by then goes on behind.
    ///
    /// - Throws: ``HILError/failed(_:)`` with what `work` says when it is cancelled, or with the time alone, also where it comes to its
    ///   end in order later than that.
    static func run(
        _ limit: Duration, _ what: String, grace: Duration = usualGrace,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        let race = Race()
        let worker = Task {
            do {
                try await work()
                race.end(.success(()))
            } catch {
                race.end(.failure(error))
            }
        }
        let timer = Task {
            try await Task.sleep(for: limit)
            race.isLate = true
            worker.cancel()
            try await Task.sleep(for: grace)
            race.end(.failure(HILError.failed("\(what) ignored its end")))
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await race.result()
        } onCancel: {
            timer.cancel()
            worker.cancel()
            Task {
                try await Task.sleep(for: grace)
                race.end(.failure(CancellationError()))
            }
        }
        do {
            try result.get()
            if race.isLate { throw CancellationError() }
        } catch HILError.failed(let why) where race.isLate {
            // What it says of its own end tells more than the time does.
            throw HILError.failed("\(why), after \(limit.settingsText)")
        } catch is CancellationError {
            try Task.checkCancellation()
            guard race.isLate else { throw CancellationError() }
            throw HILError.failed("not within \(limit.settingsText)")
        }
    }

    /// The first of what a work and the patience with it come to.
    private final class Race: Sendable {
        private struct State {
            var result: Result<Void, any Error>?
            var isLate = false
            var waiting: CheckedContinuation<Result<Void, any Error>, Never>?
        }

        private let state = Mutex(State())

        /// Whether the time was over before there was a result.
        var isLate: Bool {
            get { state.withLock(\.isLate) }
            set { state.withLock { if $0.result == nil { $0.isLate = newValue } } }
        }

        func end(_ result: Result<Void, any Error>) {
            let waiting = state.withLock { state in
                guard state.result == nil else { return nil as CheckedContinuation<Result<Void, any Error>, Never>? }
                state.result = result
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(returning: result)
        }

        func result() async -> Result<Void, any Error> {
            await withCheckedContinuation { waiting in
                let result = state.withLock { state in
                    if state.result == nil { state.waiting = waiting }
                    return state.result
                }
                if let result { waiting.resume(returning: result) }
            }
        }
    }
}
