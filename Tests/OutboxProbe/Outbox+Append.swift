import Base

extension Outbox {
    /// Returns when what was appended is safe, or given up.
    func append(_ batch: [OutboxMeasurement]) async -> AppendResult {
        await withCheckedContinuation { continuation in
            append(batch) { continuation.resume(returning: $0) }
        }
    }
}
