import Settings

extension Program {
    /// Waits for a sign that the program is ready.
    ///
    /// - Throws: ``HILError/infrastructure(_:)`` with its last words where it ends before, or is silent; it is stopped then.
    func ready<Sign: Sendable>(
        _ what: String, within limit: Duration, _ sign: @escaping @Sendable () -> Sign?
    ) async throws -> Sign {
        let deadline = ContinuousClock.now + limit
        while true {
            if let found = sign() { return found }
            if let end = await ownEnd() {
                if let found = sign() { return found }
                throw HILError.infrastructure("\(what) ended before it was ready (\(end.status))\(said)")
            }
            guard ContinuousClock.now < deadline else {
                _ = await stop(within: .seconds(5))
                throw HILError.infrastructure("\(what) was not ready within \(limit.settingsText)\(said)")
            }
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                _ = await stop(within: .seconds(5))
                throw error
            }
        }
    }

    private var said: String { lastWords.map { "; it said: \($0)" } ?? "" }
}
