import Synchronization

/// Set once, when the user wants to stop.
///
/// Who waits for an answer looks at it ten times a second. A call of the port that is under way ends first: writing within 10
/// seconds, opening and setting within `SerialTimes.answer`.
final class Cancellation: Sendable {
    private let flag = Atomic(false)

    var isAsked: Bool { flag.load(ordering: .relaxed) }

    func ask() {
        flag.store(true, ordering: .relaxed)
    }
}
