extension Program {
    /// Waits for a sign that the program is ready.
    ///
    /// - Throws: ``HILError/failed(_:)`` where it ends before, or is silent; it is stopped then.
    func ready<Sign: Sendable>(
        _ what: String, within limit: Duration, _ sign: @escaping @Sendable () -> Sign?
    ) async throws -> Sign {
        let end = Task { [child] in await child.waitForEnd() }
        defer { end.cancel() }
        let deadline = ContinuousClock.now + limit
        let ended = EndFlag()
        let watch = Task { [ended] in
            if let status = await end.value { ended.set(status) }
        }
        defer { watch.cancel() }
        while true {
            if let found = sign() { return found }
            if let status = ended.status {
                // Its last lines may still be on their way.
                await drain()
                if let found = sign() { return found }
                throw HILError.failed("\(what) ended before it was ready (\(status))")
            }
            guard ContinuousClock.now < deadline else {
                await stop(within: .seconds(5))
                throw HILError.failed("\(what) was not ready within \(limit)")
            }
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                await stop(within: .seconds(5))
                throw error
            }
        }
    }
}
