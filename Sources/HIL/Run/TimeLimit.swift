import Settings

/// The longest that something may take.
enum TimeLimit {
    /// Runs `work`, whose task is cancelled when the time is over.
    ///
    /// - Throws: ``HILError/failed(_:)`` with what `work` says when it is cancelled, or with the time alone.
    static func run(_ limit: Duration, _ what: String, _ work: @escaping @Sendable () async throws -> Void) async throws
    {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return true
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            if try await group.next() == true { return }
            group.cancelAll()
            do {
                // What it says of its own end tells more than the time does; what came at the last moment counts.
                if try await group.next() == true { return }
            } catch HILError.failed(let why) {
                throw HILError.failed("\(why), after \(limit.settingsText)")
            } catch is CancellationError {}
            try Task.checkCancellation()
            throw HILError.failed("not within \(limit.settingsText)")
        }
    }
}
