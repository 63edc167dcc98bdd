import Synchronization

/// A failure of a real board's power while something is written to it.
struct BrownOut: Sendable {
    /// How long it is gone.
    var gap = Duration.seconds(1)

    /// How far the cut has come.
    private final class Cut: Sendable {
        enum State {
            case notYet, atWork, done
        }

        private let value = Mutex(State.notYet)

        var state: State { value.withLock(\.self) }

        func set(_ state: State) { value.withLock { $0 = state } }
    }

    /// Does the work, and cuts the power meanwhile; whatever happens, nothing of it goes on after the call, and the power is on.
    ///
    /// - Parameter moment: Returns when the power is to go.
    /// - Returns: The work's end.
    /// - Throws: ``HILError/infrastructure(_:)`` where the work was over before the power was; what the work and the switch throw.
    func during(
        _ work: @escaping @Sendable () async throws -> ProgramEnd,
        moment: @escaping @Sendable () async throws -> Void, off: @escaping @Sendable () async throws -> Void,
        on: @escaping @Sendable () async throws -> Void
    ) async throws -> ProgramEnd {
        let cut = Cut()
        return try await withThrowingTaskGroup(of: ProgramEnd?.self) { group in
            group.addTask {
                let end = try await work()
                let state = cut.state
                // A switch that is at work may have cut already; a success then says that it has not.
                guard state == .done || state == .atWork && end.status != "exit code 0" else {
                    throw HILError.infrastructure(
                        "the power did not fail in time: before it the work was over (\(end))")
                }
                return end
            }
            group.addTask {
                try await moment()
                cut.set(.atWork)
                do {
                    try await off()
                    cut.set(.done)
                    try await Task.sleep(for: gap)
                } catch {
                    // Also where the step's time is over meanwhile.
                    try await Task.detached { try await on() }.value
                    throw error
                }
                try await Task.detached { try await on() }.value
                return nil
            }
            var end: ProgramEnd?
            var failure: (any Error)?
            while let result = await group.nextResult() {
                switch result {
                case .success(let done): end = done ?? end
                case .failure(let error):
                    // Where both are cancelled, the switch says what it hangs in.
                    if failure == nil || failure is CancellationError { failure = error }
                    group.cancelAll()
                }
            }
            if let failure { throw failure }
            guard let end else { throw CancellationError() }
            return end
        }
    }
}
