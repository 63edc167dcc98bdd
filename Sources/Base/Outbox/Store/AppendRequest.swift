/// What somebody wants to have accepted.
struct AppendRequest: Sendable {
    var batch: [OutboxMeasurement]
    /// How long it may wait for room, by the monotonic clock.
    var deadline: Duration
    var finish: @Sendable (AppendResult) -> Void
}

/// What became of a batch.
public struct AppendResult: Equatable, Sendable {
    public enum Place: Equatable, Sendable {
        /// As safe as ``OutboxSettings/sync`` says.
        case disk
        /// Some or all are in memory alone, because the disk takes nothing.
        case memory
        /// Nothing was accepted.
        case nowhere
    }

    public var run: RunID
    /// One for each measurement of the batch, in its order. Empty when it was refused as a whole.
    public var sequences: Range<UInt64>
    public var place: Place
    /// Those of the batch that were given up; they have a sequence too.
    public var dropped: [OutboxDrop]

    /// The key of the measurement at an index of the batch.
    public func key(_ index: Int) -> OutboxKey {
        OutboxKey(run: run, sequence: sequences.lowerBound + UInt64(index))
    }
}
