/// A conversation with a loader as a state machine: bytes and time in, actions out.
///
/// After each call its owner carries out the actions in order; when nothing has come by the time of the last `wake`, it
/// calls `tick`. Nothing follows `finished`.
public protocol LoaderSequence: Sendable {
    associatedtype Outcome: Sendable, Equatable

    mutating func start(at now: Duration) -> [LoaderAction<Outcome>]
    mutating func receive(_ bytes: [UInt8], at now: Duration) -> [LoaderAction<Outcome>]
    mutating func tick(at now: Duration) -> [LoaderAction<Outcome>]
}

/// What a sequence wants done.
public enum LoaderAction<Outcome: Sendable & Equatable>: Sendable, Equatable {
    case lines(ResetStep)
    /// Drop what has been received and not been read.
    case discardInput
    case send([UInt8])
    /// Call `tick` at this time, if nothing happens before.
    case wake(at: Duration)
    /// What the chip prints.
    case text([UInt8])
    /// So many bytes of the data are in the flash.
    case progress(Int)
    case finished(Outcome)

    /// Whether nothing follows.
    public var isEnd: Bool {
        if case .finished = self { return true }
        return false
    }
}
