/// Lets few in at a time, the others in the order in which they came, and refuses when too many wait.
actor AdmissionGate {
    /// Too many wait already.
    struct Full: Error, Equatable {}

    private let places: Int
    private let waitingLimit: Int
    private var taken = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int, waitingLimit: Int) {
        self.places = places
        self.waitingLimit = waitingLimit
    }

    /// Runs `work` as soon as there is a place.
    ///
    /// - Throws: ``Full``, or what `work` throws.
    nonisolated func run<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
        try await enter()
        do {
            let value = try await work()
            await leave()
            return value
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async throws {
        if taken < places {
            taken += 1
            return
        }
        guard waiting.count < waitingLimit else { throw Full() }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Whoever waits longest takes over the place that became free.
    private func leave() {
        if waiting.isEmpty {
            taken -= 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
