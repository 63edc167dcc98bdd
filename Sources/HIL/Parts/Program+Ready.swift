import Settings

extension Program {
    /// Waits for a sign that the program is ready.
    ///
    /// - Parameter hasRun: Whether it has been ready before in this case: then that it is not is its own failure.
    /// - Throws: ``HILError/infrastructure(_:)``, or ``HILError/failed(_:)`` where it has run, with its last words where it ends before, or
    ///   is silent; it is stopped then.
    func ready<Sign: Sendable>(
        _ what: String, within limit: Duration, hasRun: Bool, _ sign: @escaping @Sendable () -> Sign?
    ) async throws -> Sign {
        let deadline = ContinuousClock.now + limit
        while true {
            if let found = sign() { return found }
            if let end = await ownEnd() {
                if let found = sign() { return found }
                throw unready("\(what) ended before it was ready (\(end.status))\(said)", hasRun)
            }
            guard ContinuousClock.now < deadline else {
                _ = await stop(within: .seconds(5))
                throw unready("\(what) was not ready within \(limit.settingsText)\(said)", hasRun)
            }
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                _ = await stop(within: .seconds(5))
                throw error
            }
        }
    }

    private func unready(_ why: String, _ hasRun: Bool) -> HILError { hasRun ? .failed(why) : .infrastructure(why) }

    private var said: String { lastWords.map { "; it said: \($0)" } ?? "" }
}
