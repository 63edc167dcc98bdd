/// Work for one key is done piece after piece, in the order in which it came; keys do not wait for one another.
actor Turns<Key: Hashable & Sendable> {
    private struct Entry {
        let gate: AdmissionGate
        var users = 0
    }

    private let waitingLimit: Int
    private var entries: [Key: Entry] = [:]

    /// - Parameter waitingLimit: How many may wait for one key.
    init(waitingLimit: Int) {
        self.waitingLimit = waitingLimit
    }

    /// Runs `work` when all earlier work for `key` has ended.
    ///
    /// - Throws: ``AdmissionGate/Full``, or what `work` throws.
    nonisolated func run<Value: Sendable>(
        _ key: Key, _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        let gate = await gate(for: key)
        do {
            let value = try await gate.run(work)
            await leave(key)
            return value
        } catch {
            await leave(key)
            throw error
        }
    }

    private func gate(for key: Key) -> AdmissionGate {
        var entry = entries[key] ?? Entry(gate: AdmissionGate(places: 1, waitingLimit: waitingLimit))
        entry.users += 1
        entries[key] = entry
        return entry.gate
    }

    private func leave(_ key: Key) {
        entries[key]?.users -= 1
        if entries[key]?.users == 0 { entries[key] = nil }
    }
}
